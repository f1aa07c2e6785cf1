import { checkList, checkOptions } from "../core/arguments.ts";
import { checkWhole, checkWholes } from "../core/whole.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, toValueOf, type ArrayLike } from "../array/array-like.ts";
import { toPositions } from "../array/indices.ts";
import { squeeze } from "../numpy/axes.ts";
import { sliceAxis } from "../numpy/join.ts";

/**
 * Elements start, start + stride, ... below limit of every axis. `jax.lax.slice`.
 *
 * @throws ShapeError when a bound is outside of the array
 * @example
 * import { slice } from "reformax/lax";
 * console.log(slice([1, 2, 3, 4, 5], [0], [5], [2]).toArray()); // => [ 1, 3, 5 ]
 */
export const slice = (
  x: ArrayLike,
  start: readonly number[],
  limit: readonly number[],
  strides?: readonly number[],
): Value =>
  ops.slice(
    toValue(x, "slice"),
    checkWholes(start, "a start", "slice"),
    checkWholes(limit, "a limit", "slice"),
    strides === undefined ? undefined : checkWholes(strides, "a stride", "slice", 1),
  );

/**
 * Elements start (included) to limit (excluded) of one axis. `jax.lax.slice_in_dim`.
 *
 * @example
 * import { sliceInDim } from "reformax/lax";
 * console.log(sliceInDim([1, 2, 3], 1, 3).toArray()); // => [ 2, 3 ]
 */
export function sliceInDim(x: ArrayLike, start: number, limit: number, axis = 0): Value {
  const value = toValue(x, "sliceInDim");
  const along = normalizeAxis(axis, value.shape.length, "sliceInDim");
  for (const bound of [start, limit]) checkWhole(bound, "a bound", "sliceInDim");
  if (!(start >= 0 && start <= limit && limit <= value.shape[along])) {
    throw new ShapeError("bounds outside of the axis", {
      where: "sliceInDim",
      expected: `0 <= start <= limit <= ${value.shape[along]}`,
      got: `${start} and ${limit}`,
    });
  }
  return sliceAxis(value, along, start, limit);
}

/**
 * The block of the given sizes at `starts`, which may be traced; negative ones count from the end, and
 * they are clamped so that the block fits. `jax.lax.dynamic_slice`.
 *
 * @throws ShapeError unless there is a start and a fitting size per axis
 * @example
 * import { dynamicSlice } from "reformax/lax";
 * console.log(dynamicSlice([1, 2, 3, 4], [2], [2]).toArray()); // => [ 3, 4 ]
 */
export function dynamicSlice(
  x: ArrayLike,
  starts: readonly ArrayLike[],
  sizes: readonly number[],
): Value {
  return blockAt(toValue(x, "dynamicSlice"), starts, sizes, "dynamicSlice");
}

/**
 * A copy of `x` with `update` at `starts`, which may be traced; negative ones count from the end, and
 * they are clamped so that the update fits. `jax.lax.dynamic_update_slice`.
 *
 * @throws ShapeError unless there is a start per axis and the update is not larger than `x`
 * @example
 * import { dynamicUpdateSlice } from "reformax/lax";
 * console.log(dynamicUpdateSlice([1, 2, 3], [9], [1]).toArray()); // => [ 1, 9, 3 ]
 */
export function dynamicUpdateSlice(
  x: ArrayLike,
  update: ArrayLike,
  starts: readonly ArrayLike[],
): Value {
  return updateAt(toValue(x, "dynamicUpdateSlice"), update, starts, "dynamicUpdateSlice");
}

/**
 * `size` elements of one axis from `start` on, which may be traced; a negative one counts from the end. `jax.lax.dynamic_slice_in_dim`.
 *
 * @example
 * import { dynamicSliceInDim } from "reformax/lax";
 * console.log(dynamicSliceInDim([1, 2, 3], 1, 2).toArray()); // => [ 2, 3 ]
 */
export function dynamicSliceInDim(x: ArrayLike, start: ArrayLike, size: number, axis = 0): Value {
  return sliceAlong(x, start, size, axis, "dynamicSliceInDim");
}

/**
 * `update` written into one axis from `start` on, which may be traced; a negative one counts from the end.
 * `jax.lax.dynamic_update_slice_in_dim`.
 *
 * @example
 * import { dynamicUpdateSliceInDim } from "reformax/lax";
 * console.log(dynamicUpdateSliceInDim([1, 2, 3], [8, 9], 1).toArray()); // => [ 1, 8, 9 ]
 */
export function dynamicUpdateSliceInDim(
  x: ArrayLike,
  update: ArrayLike,
  start: ArrayLike,
  axis = 0,
): Value {
  const value = toValue(x, "dynamicUpdateSliceInDim");
  const along = normalizeAxis(axis, value.shape.length, "dynamicUpdateSliceInDim");
  return updateAt(value, update, startsAt(value, along, start), "dynamicUpdateSliceInDim");
}

/**
 * The slice at a position of one axis, which may be traced (negative: from the end); the axis disappears unless `keepDims`.
 * `jax.lax.dynamic_index_in_dim`.
 *
 * @example
 * import { dynamicIndexInDim } from "reformax/lax";
 * console.log(dynamicIndexInDim([[1, 2], [3, 4]], 1).toArray()); // => [ 3, 4 ]
 */
export function dynamicIndexInDim(
  x: ArrayLike,
  position: ArrayLike,
  axis = 0,
  options: { readonly keepDims?: boolean } = {},
): Value {
  const { keepDims = false } = checkOptions(options, { keepDims: "flag" }, "dynamicIndexInDim");
  const part = sliceAlong(x, position, 1, axis, "dynamicIndexInDim");
  return keepDims ? part : squeeze(part, axis);
}

/** `size` elements of one axis from `start` on. */
function sliceAlong(
  x: ArrayLike,
  start: ArrayLike,
  size: number,
  axis: number,
  where: string,
): Value {
  const value = toValue(x, where);
  const along = normalizeAxis(axis, value.shape.length, where);
  const sizes = value.shape.map((n, i) => (i === along ? size : n));
  return blockAt(value, startsAt(value, along, start), sizes, where);
}

const blockAt = (
  x: Value,
  starts: readonly ArrayLike[],
  sizes: readonly number[],
  where: string,
): Value => ops.dynamicSlice(x, startsOf(starts, x, where), checkWholes(sizes, "a size", where, 0));

const updateAt = (
  x: Value,
  update: ArrayLike,
  starts: readonly ArrayLike[],
  where: string,
): Value =>
  ops.dynamicUpdateSlice(x, toValueOf(update, x.dtype, where), startsOf(starts, x, where));

const startsAt = (x: Value, axis: number, start: ArrayLike): ArrayLike[] =>
  x.shape.map((_, i) => (i === axis ? start : 0));

function startsOf(starts: readonly ArrayLike[], x: Value, where: string): Value[] {
  const scalars = checkList(starts, "the list of starts", where).map((start, axis) =>
    toPositions(start, x.shape[axis] ?? 0, where),
  );
  if (scalars.length !== x.shape.length || scalars.some((start) => start.shape.length > 0)) {
    throw new ShapeError("starts do not fit", {
      where,
      expected: `${x.shape.length} scalars, one per axis of ${formatShape(x.shape)}`,
      got: scalars.map((start) => formatShape(start.shape)).join(", ") || "none",
    });
  }
  return scalars;
}
