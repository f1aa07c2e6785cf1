import { checkWhole } from "../core/whole.ts";
import { normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { type ArrayLike } from "../array/array-like.ts";
import { ravel } from "./axes.ts";
import { sliceAxis } from "./join.ts";
import { refuseFixed, toNumeric } from "../array/promote.ts";

/** `x` and the axis to run along: the only one of the flattened array when none is given. */
function along(
  x: ArrayLike,
  axis: number | undefined,
  where: string,
): { value: Value; axis: number } {
  const given = refuseFixed(toNumeric(x, where), where);
  const value = axis === undefined ? ravel(given) : given;
  return { value, axis: normalizeAxis(axis === undefined ? 0 : axis, value.shape.length, where) };
}

/**
 * Running sums along `axis` (of the flattened array by default), added in a tree of fours that depends on the length of
 * the axis alone: the error of floats grows with the logarithm of the length, and the bits are the same on every backend.
 * Integers wrap. `jax.numpy.cumsum`.
 *
 * @example
 * import { cumsum } from "reformax/numpy";
 * console.log(cumsum([1, 2, 3]).toArray()); // => [ 1, 3, 6 ]
 */
export function cumsum(x: ArrayLike, axis?: number): Value {
  const target = along(x, axis, "cumsum");
  return ops.cumSum(target.value, target.axis);
}

/**
 * Running products along `axis` (of the flattened array by default), in log2(length) sweeps that
 * multiply each element with the one 1, 2, 4, ... before it. `jax.numpy.cumprod`.
 *
 * @example
 * import { cumprod } from "reformax/numpy";
 * console.log(cumprod([1, 2, 3, 4]).toArray()); // => [ 1, 2, 6, 24 ]
 */
export function cumprod(x: ArrayLike, axis?: number): Value {
  const target = along(x, axis, "cumprod");
  const length = target.value.shape[target.axis];
  let products = target.value;
  for (let distance = 1; distance < length; distance *= 2) {
    products = ops.mul(products, delay(products, target.axis, distance));
  }
  return products;
}

/** `x` moved `distance` places along `axis`, with ones entering at the start. */
function delay(x: Value, axis: number, distance: number): Value {
  const kept = sliceAxis(x, axis, 0, x.shape[axis] - distance);
  const low = x.shape.map((_, i) => (i === axis ? distance : 0));
  return ops.pad(
    kept,
    ops.literal(1, x.dtype),
    low,
    x.shape.map(() => 0),
  );
}

/**
 * Differences of neighbours along `axis` (the last by default), `order` times. `jax.numpy.diff`.
 *
 * @example
 * import { diff } from "reformax/numpy";
 * console.log(diff([1, 4, 9]).toArray(), diff([1, 4, 9], 2).toArray()); // => [ 3, 5 ] [ 2 ]
 */
export function diff(x: ArrayLike, order = 1, axis = -1): Value {
  const value = refuseFixed(toNumeric(x, "diff"), "diff");
  checkWhole(order, "the order", "diff", 0);
  const run = normalizeAxis(axis, value.shape.length, "diff");
  let result = value;
  for (let i = 0; i < order && result.shape[run] > 0; i++) {
    const length = result.shape[run];
    const later = sliceAxis(result, run, 1, length);
    result = ops.sub(later, sliceAxis(result, run, 0, length - 1));
  }
  return result;
}
