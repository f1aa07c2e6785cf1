import { checkList } from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { checkWhole } from "../core/whole.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, normalizeAxis, shapesEqual } from "../core/shape.ts";
import { isValue, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { expandDims } from "./axes.ts";
import { promote } from "../array/promote.ts";

/**
 * The arrays one after the other along an existing axis, in their common dtype.
 * `jax.numpy.concatenate`.
 *
 * @throws ShapeError when another axis differs, or there are no arrays
 * @example
 * import { concatenate } from "reformax/numpy";
 * console.log(concatenate([[1, 2], [3]]).toArray()); // => [ 1, 2, 3 ]
 */
export function concatenate(arrays: readonly ArrayLike[], axis = 0): Value {
  const values = someArrays(arrays, "concatenate");
  return join(values, normalizeAxis(axis, values[0].shape.length, "concatenate"), "concatenate");
}

function join(arrays: readonly Value[], along: number, where: string): Value {
  const values = promote(arrays, where);
  const fits = (x: Value): boolean =>
    x.shape.length === values[0].shape.length &&
    x.shape.every((n, i) => i === along || n === values[0].shape[i]);
  if (!values.every(fits)) {
    throw new ShapeError("the arrays differ in another axis", {
      where,
      expected: `equal sizes but for axis ${along}`,
      got: values.map((x) => formatShape(x.shape)).join(", "),
    });
  }
  return values.length === 1 ? values[0] : ops.concatenate(values, along);
}

/**
 * Arrays of one shape joined along a new axis. `jax.numpy.stack`.
 *
 * @throws ShapeError when the shapes differ, or there are no arrays
 * @example
 * import { stack } from "reformax/numpy";
 * console.log(stack([[1, 2], [3, 4]], 1).toArray()); // => [ [ 1, 3 ], [ 2, 4 ] ]
 */
export function stack(arrays: readonly ArrayLike[], axis = 0): Value {
  const values = someArrays(arrays, "stack");
  const along = normalizeAxis(axis, values[0].shape.length + 1, "stack");
  const different = values.find((x) => !shapesEqual(x.shape, values[0].shape));
  if (different) {
    throw new ShapeError("the arrays differ in shape", {
      where: "stack",
      expected: formatShape(values[0].shape),
      got: formatShape(different.shape),
    });
  }
  return join(
    values.map((x) => expandDims(x, along)),
    along,
    "stack",
  );
}

/**
 * `x` cut along `axis`: into that many equal parts, or before each of the given indices.
 * `jax.numpy.split`.
 *
 * @throws ShapeError when the parts would not be equal
 * @example
 * import { arange, split } from "reformax/numpy";
 * console.log(split(arange(4), 2).map((part) => part.toArray())); // => [ [ 0, 1 ], [ 2, 3 ] ]
 * console.log(split(arange(4), [1]).map((part) => part.toArray())); // => [ [ 0 ], [ 1, 2, 3 ] ]
 */
export function split(x: ArrayLike, parts: number | readonly number[], axis = 0): Value[] {
  const value = toValue(x, "split");
  const along = normalizeAxis(axis, value.shape.length, "split");
  const size = value.shape[along];
  const inner =
    typeof parts === "number"
      ? equalCuts(size, parts)
      : checkList(parts, "the number of parts or list of indices", "split").map((cut) =>
          clampCut(checkWhole(cut, "an index", "split"), size),
        );
  const cuts = [0, ...inner, size];
  return cuts.slice(1).map((end, i) => sliceAxis(value, along, cuts[i], Math.max(end, cuts[i])));
}

function equalCuts(size: number, parts: number): number[] {
  if (!Number.isInteger(parts) || parts < 1 || size % parts !== 0) {
    throw new ShapeError("the axis does not divide into equal parts", {
      where: "split",
      expected: `a divisor of ${size}`,
      got: describeArgument(parts),
      fix: "Give the indices to cut at instead.",
    });
  }
  return Array.from({ length: parts - 1 }, (_, i) => ((i + 1) * size) / parts);
}

const clampCut = (cut: number, size: number): number =>
  Math.min(size, Math.max(0, cut < 0 ? cut + size : cut));

/** Elements start (included) to limit (excluded) of one axis. */
export function sliceAxis(x: Value, axis: number, start: number, limit: number): Value {
  if (start === 0 && limit === x.shape[axis]) return x;
  const starts = x.shape.map((_, i) => (i === axis ? start : 0));
  return ops.slice(
    x,
    starts,
    x.shape.map((n, i) => (i === axis ? limit : n)),
  );
}

function someArrays(arrays: readonly ArrayLike[], where: string): readonly Value[] {
  const list = isValue(arrays) ? arrays : checkList(arrays, "what to join", where);
  if (isValue(list) || list.length === 0) {
    throw new ShapeError("there are no arrays to join", {
      where,
      expected: "a list of one array or more",
      got: describeArgument(list),
    });
  }
  return list.map((x) => toValue(x, where));
}
