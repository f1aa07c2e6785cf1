import { checkOptions } from "../core/arguments.ts";
import { normalizeAxes, sizeOf } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { stretch, toFloat } from "../array/promote.ts";
import { keepsDims, sum, type Axes, type ReduceOptions } from "./reduce.ts";

/**
 * The arithmetic mean along `axis` (all by default), in f32: the sum divided by the count.
 * `jax.numpy.mean`.
 *
 * @example
 * import { mean } from "reformax/numpy";
 * console.log(mean([[1, 2], [3, 6]], 1).toArray()); // => [ 1.5, 4.5 ]
 */
export function mean(x: ArrayLike, axis?: Axes, options?: ReduceOptions): Value {
  keepsDims(options, "mean");
  return meanOf(toFloat(x, "mean"), axis, options, "mean");
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
export const variance = (x: ArrayLike, axis?: Axes, options?: VarianceOptions): Value =>
  varianceOf(toFloat(x, "variance"), axis, options, "variance");

/**
 * The square root of the {@link variance}. `jax.numpy.std`.
 *
 * @example
 * import { std } from "reformax/numpy";
 * console.log(std([1, 3]).item()); // => 1
 */
export const std = (x: ArrayLike, axis?: Axes, options?: VarianceOptions): Value =>
  ops.sqrt(varianceOf(toFloat(x, "std"), axis, options, "std"));

function meanOf(x: Value, axis: Axes, options: ReduceOptions | undefined, where: string): Value {
  const count = countAlong(x, axis, where);
  return divideBy(sum(x, axis, options), count);
}

function varianceOf(x: Value, axis: Axes, options: VarianceOptions = {}, where: string): Value {
  const { keepDims = false, correction = 0 } = checkOptions(
    options,
    { keepDims: "flag", correction: "number" },
    where,
  );
  const centred = ops.sub(x, stretch(meanOf(x, axis, { keepDims: true }, where), x.shape));
  const squares = sum(ops.mul(centred, centred), axis, { keepDims });
  return divideBy(squares, countAlong(x, axis, where) - correction);
}

const countAlong = (x: Value, axis: Axes, where: string): number =>
  sizeOf(normalizeAxes(axis, x.shape.length, where).map((i) => x.shape[i]));

const divideBy = (x: Value, count: number): Value => ops.div(x, ops.fullLike(x, count));
