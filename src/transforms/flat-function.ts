import { formatAval, isWholeNumber } from "../core/aval.ts";
import { ReformaxError } from "../core/errors.ts";
import { scalarTensor, Tensor } from "../core/tensor.ts";
import { flatten, leafStructure, unflatten, type Flat, type TreeDef } from "../core/tree.ts";
import { Tracer, type Value } from "../core/value.ts";
import { convert } from "../ir/ops.ts";

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

/**
 * An argument as a value: what it meets takes a whole number as it takes one outside of the transformation, which a weak i32
 * says (see `promote`). Not -0, which no integer is.
 */
export const asArgument = (leaf: unknown, where: string): Value =>
  typeof leaf === "number" && Object.is(leaf | 0, leaf)
    ? scalarTensor(leaf, "i32", true)
    : asValue(leaf, where);

/** A result as a value: numbers alone are f32. */
export function asResult(leaf: unknown, where: string): Value {
  const value = asValue(leaf, where);
  return isWholeNumber(value.aval) ? convert(value, "f32") : value;
}

const flattenWith =
  (toValue: (leaf: unknown, where: string) => Value) =>
  (tree: unknown, where: string): Flat<Value> => {
    const { leaves, structure } = flatten(tree);
    return { leaves: leaves.map((leaf) => toValue(leaf, where)), structure };
  };

/** Flattens a tree into values; numbers are f32, since they have tangents. */
export const flattenValues = flattenWith(asValue);

/** Flattens arguments of a function that is traced, or a state that it carries. */
export const flattenArguments = flattenWith(asArgument);

/** Flattens what a traced function returned. */
export const flattenResults = flattenWith(asResult);

/** A function on flat lists, and the structure of its result once it has run. */
export interface FlatFunction {
  readonly call: (...inputs: Value[]) => readonly Value[];
  readonly resultStructure: () => TreeDef;
}

/**
 * Adapts `f`, whose arguments have the given structure, to flat lists of values; `flattenResult` says what becomes of
 * the numbers that it returns.
 */
export function flattenFunction(
  f: (...args: never[]) => unknown,
  argumentStructure: TreeDef,
  where: string,
  flattenResult = flattenResults,
): FlatFunction {
  let structure: TreeDef = leafStructure;
  return {
    call: (...inputs) => {
      const result = flattenResult(f(...unflatten<never[]>(argumentStructure, inputs)), where);
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
