import { normalizeAxes } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { reshape } from "../numpy/axes.ts";
import { keepsDims, sum, type Axes, type ReduceOptions } from "../numpy/reduce.ts";
import { stretch, toFloat } from "../array/promote.ts";

/**
 * e^x divided by its sum along `axis`; the maximum is subtracted first. Of nothing it is nothing. `jax.nn.softmax`.
 *
 * @example
 * import { softmax } from "reformax/nn";
 * console.log(softmax([5, 5]).toArray()); // => [ 0.5, 0.5 ]
 */
export function softmax(x: ArrayLike, axis: Axes = -1): Value {
  const weights = ops.exp(shifted(toFloat(x, "softmax"), axis, "softmax"));
  return ops.div(weights, stretch(sum(weights, axis, { keepDims: true }), weights.shape));
}

/**
 * log(softmax(x)) without the rounding of its detour. `jax.nn.log_softmax`.
 *
 * @example
 * import { logSoftmax } from "reformax/nn";
 * console.log(logSoftmax([0, 0]).dataSync()[1].toFixed(4)); // => -0.6931
 */
export function logSoftmax(x: ArrayLike, axis: Axes = -1): Value {
  const scores = shifted(toFloat(x, "logSoftmax"), axis, "logSoftmax");
  const normalizer = ops.log(sum(ops.exp(scores), axis, { keepDims: true }));
  return ops.sub(scores, stretch(normalizer, scores.shape));
}

/** x minus its maximum along the axis; the shift cancels, so it has no derivative. */
const shifted = (x: Value, axis: Axes, where: string): Value =>
  ops.sub(x, stretch(ops.stopGradient(highestAlong(x, axis, where)), x.shape));

/** The maximum along the axis, which stays with size 1; of nothing it is -Infinity. */
function highestAlong(x: Value, axis: Axes, where: string): Value {
  const axes = normalizeAxes(axis, x.shape.length, where);
  const shape = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  return axes.length === 0 ? x : reshape(ops.reduceMax(x, axes), shape);
}

/**
 * log(sum(e^x)) along `axis` (all by default) without overflow; -Infinity where all elements are.
 * `jax.nn.logsumexp`.
 *
 * @example
 * import { logSumExp } from "reformax/nn";
 * console.log(logSumExp([1000, -1000]).item()); // => 1000
 */
export function logSumExp(x: ArrayLike, axis?: Axes, options: ReduceOptions = {}): Value {
  keepsDims(options, "logSumExp");
  const value = toFloat(x, "logSumExp");
  const highest = ops.stopGradient(highestAlong(value, axis, "logSumExp"));
  // Infinite maxima are not subtracted: Infinity - Infinity is not a number.
  const finite = ops.lt(ops.abs(highest), ops.fullLike(highest, Infinity));
  const shift = ops.select(finite, highest, ops.zerosLike(highest));
  const total = sum(ops.exp(ops.sub(value, stretch(shift, value.shape))), axis, options);
  return ops.add(ops.log(total), reshape(shift, total.shape));
}
