import type { Tensor } from "../../core/tensor.ts";
import { fault, type Pickled } from "./values.ts";

/** Deeper than any model's weights: a value may hold itself. */
const deepest = 64;
/** More values than a model has parts: a value may hold another one many times. */
const mostValues = 1_000_000;

/** The arrays in a value by the keys and places on the way to each, with dots between them. */
export function namedArrays(value: Pickled): ReadonlyMap<string, Tensor> {
  const found = new Map<string, Tensor>();
  let seen = 0;
  const visit = (part: Pickled, path: readonly string[]): void => {
    seen += 1;
    if (seen > mostValues)
      throw fault("has too many values", { expected: `at most ${mostValues}` });
    if (path.length > deepest)
      throw fault("is too deep", { expected: `at most ${deepest} levels` });
    if (typeof part !== "object" || part === null) return;
    const inside = (key: string, child: Pickled): void => visit(child, [...path, key]);
    switch (part.kind) {
      case "array": {
        const name = path.join(".");
        if (part.tensor === null) throw fault("an array has no elements", { got: name });
        if (found.has(name)) throw fault("two arrays have one name", { got: name });
        found.set(name, part.tensor);
        return;
      }
      case "list":
      case "tuple":
        part.items.forEach((item, i) => inside(`${i}`, item));
        return;
      case "object":
        part.parts.forEach((item, i) => inside(`${i}`, item));
        return;
      case "dictionary":
        part.entries.forEach(([key, item], i) =>
          inside(typeof key === "string" || typeof key === "number" ? `${key}` : `${i}`, item),
        );
        return;
      case "bytes":
      case "dtype":
      case "global":
        return;
      default:
        return part satisfies never;
    }
  };
  visit(value, []);
  return found;
}
