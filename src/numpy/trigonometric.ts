import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { customJvp, jit } from "../transforms/index.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { promoteAndBroadcast, toFloat } from "../array/promote.ts";
import { floating, type Unary } from "./unary-kinds.ts";

const one = (x: Value): Value => ops.fullLike(x, 1);

/**
 * Sine of radians. `jax.numpy.sin`.
 *
 * @example
 * import { sin } from "reformax/numpy";
 * console.log(sin(0).item()); // => 0
 */
export const sin: Unary = floating("sin", ops.sin);

/**
 * Cosine of radians. `jax.numpy.cos`.
 *
 * @example
 * import { cos } from "reformax/numpy";
 * console.log(cos(0).item()); // => 1
 */
export const cos: Unary = floating("cos", ops.cos);

/**
 * Tangent of radians: sin / cos. `jax.numpy.tan`.
 *
 * @example
 * import { tan } from "reformax/numpy";
 * console.log(tan(0).item()); // => 0
 */
export const tan: Unary = floating("tan", (x) => ops.div(ops.sin(x), ops.cos(x)));

/**
 * Inverse sine: atan2(x, sqrt((1 - x)(1 + x))). `jax.numpy.arcsin`.
 *
 * @example
 * import { arcsin } from "reformax/numpy";
 * console.log(arcsin(0).item()); // => 0
 */
export const arcsin: Unary = floating(
  "arcsin",
  jit(
    customJvp(
      (x: Value) => ops.atan2(x, complementaryLeg(x)),
      ([x], [direction]) => [arcsin(x), ops.div(direction, complementaryLeg(x))],
    ),
    { name: "arcsin" },
  ),
);

/**
 * Inverse cosine: atan2(sqrt((1 - x)(1 + x)), x). `jax.numpy.arccos`.
 *
 * @example
 * import { arccos } from "reformax/numpy";
 * console.log(arccos(1).item()); // => 0
 */
export const arccos: Unary = floating(
  "arccos",
  jit(
    customJvp(
      (x: Value) => ops.atan2(complementaryLeg(x), x),
      ([x], [direction]) => [arccos(x), ops.div(ops.neg(direction), complementaryLeg(x))],
    ),
    { name: "arccos" },
  ),
);

/**
 * sqrt(1 - x^2). The slopes of arcsin and of this are infinite at 1 and -1: written as 1 / leg and -x / leg, since those
 * of the functions below would be 0 * infinity there.
 */
const complementaryLeg: (x: Value) => Value = customJvp(
  (x: Value) => ops.sqrt(ops.mul(ops.sub(one(x), x), ops.add(one(x), x))),
  ([x], [direction]) => {
    const leg = complementaryLeg(x);
    return [leg, ops.mul(direction, ops.div(ops.neg(x), leg))];
  },
);

/**
 * Inverse tangent. `jax.numpy.arctan`.
 *
 * @example
 * import { arctan } from "reformax/numpy";
 * console.log(arctan(0).item()); // => 0
 */
export const arctan: Unary = floating("arctan", (x) => ops.atan2(x, one(x)));

/**
 * Angle of the point (x, y), in [-pi, pi]. `jax.numpy.arctan2`.
 *
 * @example
 * import { arctan2 } from "reformax/numpy";
 * console.log(arctan2(0, 1).item()); // => 0
 */
export function arctan2(y: ArrayLike, x: ArrayLike): Value {
  const operands = [y, x].map((operand) => toFloat(operand, "arctan2"));
  const [a, b] = promoteAndBroadcast(operands, "arctan2");
  return ops.atan2(a, b);
}
