import { formatAval } from "../core/aval.ts";
import { ReformaxError } from "../core/errors.ts";
import { scalarTensor, Tensor } from "../core/tensor.ts";
import { flatten, leafStructure, unflatten, type Flat, type TreeDef } from "../core/tree.ts";
import { Tracer, type Value } from "../core/value.ts";

/** A leaf as a value: JavaScript numbers become weak f32 scalars, booleans bool scalars. */
export function asValue(leaf: unknown, where: string): Value {
  if (leaf instanceof Tensor || leaf instanceof Tracer) return leaf;
  if (typeof leaf === "number") return scalarTensor(leaf, "f32", true);
  if (typeof leaf === "boolean") return scalarTensor(Number(leaf), "bool");
  throw new ReformaxError("a leaf is not an array", {
    where,
    expected: "arrays, numbers and booleans in trees of arrays and objects",
    got: typeof leaf === "function" ? `function ${leaf.name}` : String(leaf),
    fix: "Close over static settings, or mark them static in jit.",
  });
}

/** Flattens a tree into values. */
export function flattenValues(tree: unknown, where: string): Flat<Value> {
  const { leaves, structure } = flatten(tree);
  return { leaves: leaves.map((leaf) => asValue(leaf, where)), structure };
}

/** A function on flat lists, and the structure of its result once it has run. */
export interface FlatFunction {
  readonly call: (...inputs: Value[]) => readonly Value[];
  readonly resultStructure: () => TreeDef;
}

/** Adapts `f`, whose arguments have the given structure, to flat lists of values. */
export function flattenFunction(
  f: (...args: never[]) => unknown,
  argumentStructure: TreeDef,
  where: string,
): FlatFunction {
  let structure: TreeDef = leafStructure;
  return {
    call: (...inputs) => {
      const result = flattenValues(f(...unflatten<never[]>(argumentStructure, inputs)), where);
      structure = result.structure;
      return result.leaves;
    },
    resultStructure: () => structure,
  };
}

/** Name of a user's function for messages and plans. */
export const functionName = (f: (...args: never[]) => unknown): string => f.name || "anonymous";

export const describe = (values: readonly Value[]): string =>
  values.map((value) => formatAval(value.aval)).join(", ");
