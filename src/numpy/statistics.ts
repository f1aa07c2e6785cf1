import { normalizeAxes, sizeOf } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { stretch, toFloat } from "../array/promote.ts";
import { sum, type Axes, type ReduceOptions } from "./reduce.ts";

/**
 * The arithmetic mean along `axis` (all by default), in f32: the sum divided by the count.
 * `jax.numpy.mean`.
 *
 * @example
 * import { mean } from "reformax/numpy";
 * console.log(mean([[1, 2], [3, 6]], 1).toArray()); // => [ 1.5, 4.5 ]
 */
export function mean(x: ArrayLike, axis?: Axes, options?: ReduceOptions): Value {
  const value = toFloat(x, "mean");
  return divideBy(sum(value, axis, options), countAlong(value, axis));
}

export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count: 1 gives the unbiased estimate. Default 0. */
  readonly correction?: number;
}

/**
 * The mean squared distance from the mean along `axis`, in two passes. `jax.numpy.var`.
 *
 * @example
 * import { variance } from "reformax/numpy";
 * console.log(variance([1, 3]).item(), variance([1, 3], 0, { correction: 1 }).item()); // => 1 2
 */
export function variance(x: ArrayLike, axis?: Axes, options: VarianceOptions = {}): Value {
  const value = toFloat(x, "variance");
  const centred = ops.sub(value, stretch(mean(value, axis, { keepDims: true }), value.shape));
  const squares = sum(ops.mul(centred, centred), axis, options);
  return divideBy(squares, countAlong(value, axis) - (options.correction ?? 0));
}

/**
 * The square root of the {@link variance}. `jax.numpy.std`.
 *
 * @example
 * import { std } from "reformax/numpy";
 * console.log(std([1, 3]).item()); // => 1
 */
export const std = (x: ArrayLike, axis?: Axes, options?: VarianceOptions): Value =>
  ops.sqrt(variance(x, axis, options));

const countAlong = (x: Value, axis: Axes): number =>
  sizeOf(normalizeAxes(axis, x.shape.length, "mean").map((i) => x.shape[i]));

const divideBy = (x: Value, count: number): Value => ops.div(x, ops.fullLike(x, count));
