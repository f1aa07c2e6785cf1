import { checkFunction } from "../core/arguments.ts";
import { formatAval, isWholeNumber } from "../core/aval.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError } from "../core/errors.ts";
import { scalarTensor, Tensor } from "../core/tensor.ts";
import { flatten, leafStructure, paths, unflatten, type Flat, type TreeDef } from "../core/tree.ts";
import { Tracer, type Value } from "../core/value.ts";
import { convert } from "../ir/ops.ts";

/** A leaf as a value: JavaScript numbers become weak f32 scalars, booleans bool scalars. */
export function asValue(leaf: unknown, where: string): Value {
  if (leaf instanceof Tensor || leaf instanceof Tracer) return leaf;
  if (typeof leaf === "number") return scalarTensor(leaf, "f32", true);
  if (typeof leaf === "boolean") return scalarTensor(Number(leaf), "bool");
  throw notAnArray(leaf, "", where);
}

/** @param path the leaf's place in its tree: of arguments, beginning with the number of the argument */
export const notAnArray = (leaf: unknown, path: string, where: string): ReformaxError =>
  new ReformaxError(`${path === "" ? "a leaf" : `the leaf ${path}`} is not an array`, {
    where,
    expected: "arrays, numbers and booleans in trees of arrays and objects",
    got: describeArgument(leaf),
    fix: "Close over static settings, or mark them static in jit.",
  });

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

/** Whether {@link asValue} takes the leaf. */
export const isArrayOrNumber = (leaf: unknown): boolean =>
  leaf instanceof Tensor ||
  leaf instanceof Tracer ||
  typeof leaf === "number" ||
  typeof leaf === "boolean";

const flattenWith =
  (toValue: (leaf: unknown, where: string) => Value) =>
  (tree: unknown, where: string): Flat<Value> => {
    const { leaves, structure } = flatten(tree);
    const values = leaves.map((leaf, i) => {
      if (isArrayOrNumber(leaf)) return toValue(leaf, where);
      throw notAnArray(leaf, paths(tree)[i], where);
    });
    return { leaves: values, structure };
  };

/** Throws unless all leaves of an argument are arrays or numbers. */
export function checkLeaves(argument: unknown, what: string, where: string): void {
  const { leaves } = flatten(argument);
  const bad = leaves.findIndex((leaf) => !isArrayOrNumber(leaf));
  if (bad >= 0)
    throw notAnArray(leaves[bad], [what, paths(argument)[bad]].filter(Boolean).join("."), where);
}

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

/** A user's function that something calls. */
export interface Callee {
  /** In programs and plans. */
  readonly name: string;
  /** In messages: what was asked to call it, and which function it is. One without a name says how it begins. */
  readonly where: string;
}

/** @param caller what was asked to call the function */
export function calleeOf(f: (...args: never[]) => unknown, caller: string): Callee {
  const { name } = checkFunction(f, "what to call", caller);
  return { name: name || "anonymous", where: `${caller} of ${name || beginningOf(f)}` };
}

const shownSource = 60;

function beginningOf(f: (...args: never[]) => unknown): string {
  const source = Function.prototype.toString.call(f);
  const beginning = source.slice(0, 4 * shownSource).replace(/\s+/g, " ");
  if (beginning.includes("[native code]")) return "anonymous";
  return beginning.length > shownSource ? `${beginning.slice(0, shownSource)}...` : beginning;
}

export const describe = (values: readonly Value[]): string =>
  values.map((value) => formatAval(value.aval)).join(", ");
