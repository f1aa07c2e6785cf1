import { checkOptions, checkParts } from "../core/arguments.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { sum } from "../numpy/reduce.ts";
import { mean } from "../numpy/statistics.ts";
import { toFloat, stretch } from "../array/promote.ts";
import type { ArrayLike } from "../array/array-like.ts";

export interface LayerNormParams {
  /** f32[width]: the scale. */
  readonly gamma: Value;
  /** f32[width]: the shift. */
  readonly beta: Value;
}

export interface NormOptions {
  /** Added to the variance under the root. Default 1e-6. */
  readonly epsilon?: number;
}

/**
 * (x - mean) / sqrt(variance + epsilon) gamma + beta along the last axis of x[..., width], with the
 * biased variance. Ba et al. 2016.
 *
 * @throws ShapeError when the width is not that of the parameters
 * @example
 * import { array } from "reformax/numpy";
 * import { layerNorm } from "reformax/nn";
 * const params = { gamma: array([1, 1]), beta: array([0, 10]) };
 * console.log(layerNorm(params, [3, 5], { epsilon: 0 }).toArray()); // => [ -1, 11 ]
 */
export function layerNorm(params: LayerNormParams, x: ArrayLike, options: NormOptions = {}): Value {
  const { gamma, beta } = checkParts(params, ["gamma", "beta"], "params", "layerNorm");
  const epsilon = epsilonOf(options, "layerNorm");
  const operands = [x, gamma, beta].map((operand) => toFloat(operand, "layerNorm"));
  return ops.bindNamed("layerNorm", operands, { epsilon })[0];
}

const epsilonOf = (options: NormOptions, where: string): number =>
  checkOptions(options, { epsilon: "number" }, where).epsilon ?? 1e-6;

/**
 * x / max(|x|, epsilon) gamma along the last axis, with one gamma, f32[], for all features: the length that vectors get. Nguyen &
 * Salazar 2019; lucidrains' `ScaleNorm`. Vectors shorter than
 * epsilon are divided by it.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { scaleNorm } from "reformax/nn";
 * console.log(scaleNorm({ gamma: array(10) }, [3, 4]).toArray()); // => [ 6, 8 ]
 */
export function scaleNorm(
  params: Pick<LayerNormParams, "gamma">,
  x: ArrayLike,
  options: NormOptions = {},
): Value {
  const gamma = toFloat(checkParts(params, ["gamma"], "params", "scaleNorm").gamma, "scaleNorm");
  const epsilon = checkOptions(options, { epsilon: "number" }, "scaleNorm").epsilon ?? 1e-5;
  const value = toFloat(x, "scaleNorm");
  const square = sum(ops.mul(value, value), -1, { keepDims: true });
  // Where the bound holds no root is taken: that of 0 has no derivative.
  const bound = ops.fullLike(square, epsilon * epsilon);
  const isLong = ops.gt(square, bound);
  const root = ops.sqrt(ops.select(isLong, square, bound));
  return ops.mul(ops.div(value, stretch(root, value.shape)), stretch(gamma, value.shape));
}

/**
 * x / sqrt(mean(x^2) + epsilon) gamma along the last axis. Zhang & Sennrich 2019.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { rmsNorm } from "reformax/nn";
 * console.log(rmsNorm({ gamma: array([1, 2]) }, [2, 2], { epsilon: 0 }).toArray()); // => [ 1, 2 ]
 */
export function rmsNorm(
  params: Pick<LayerNormParams, "gamma">,
  x: ArrayLike,
  options: NormOptions = {},
): Value {
  const gamma = toFloat(checkParts(params, ["gamma"], "params", "rmsNorm").gamma, "rmsNorm");
  const epsilon = epsilonOf(options, "rmsNorm");
  const value = toFloat(x, "rmsNorm");
  const power = mean(ops.mul(value, value), -1, { keepDims: true });
  const root = ops.sqrt(ops.add(power, ops.fullLike(power, epsilon)));
  return ops.mul(ops.div(value, stretch(root, value.shape)), stretch(gamma, value.shape));
}
