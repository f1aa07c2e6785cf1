import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { customJvp } from "../transforms/index.ts";
import { floating, type Unary } from "./unary-kinds.ts";

/** The largest x whose e^x is finite; half of e^x is so up to ln 2 more. */
const largestExponent = 88.72283172607422;

/**
 * `near(x)` where e^|x| is finite, else `far(x)`. What is not taken sees a zero: an infinite slope times a cotangent of 0
 * would be NaN.
 */
function byMagnitude(x: Value, near: (x: Value) => Value, far: (x: Value) => Value): Value {
  const isNear = ops.le(ops.abs(x), ops.fullLike(x, largestExponent));
  const zero = ops.zerosLike(x);
  return ops.select(isNear, near(ops.select(isNear, x, zero)), far(ops.select(isNear, zero, x)));
}

/** e^|x| / 2 from its square root, which does not overflow before it; nor does its slope, which the root's would. */
const halfExp: (x: Value) => Value = customJvp(
  (x: Value) => {
    const root = ops.exp(ops.scale(ops.abs(x), 0.5));
    return ops.mul(root, ops.scale(root, 0.5));
  },
  ([x], [dx]) => {
    const value = halfExp(x);
    return [value, ops.mul(ops.mul(dx, ops.sign(x)), value)];
  },
);

/**
 * Hyperbolic sine: (expm1(x) - expm1(-x)) / 2, accurate near 0. `jax.numpy.sinh`.
 *
 * @example
 * import { sinh } from "reformax/numpy";
 * console.log(sinh(0).item()); // => 0
 */
export const sinh: Unary = floating("sinh", (value) =>
  byMagnitude(
    value,
    (x) => ops.scale(ops.sub(ops.expm1(x), ops.expm1(ops.neg(x))), 0.5),
    (x) => ops.mul(ops.sign(x), halfExp(x)),
  ),
);

/**
 * Hyperbolic cosine: (e^x + e^-x) / 2. `jax.numpy.cosh`.
 *
 * @example
 * import { cosh } from "reformax/numpy";
 * console.log(cosh(0).item()); // => 1
 */
export const cosh: Unary = floating("cosh", (value) =>
  byMagnitude(value, (x) => ops.scale(ops.add(ops.exp(x), ops.exp(ops.neg(x))), 0.5), halfExp),
);

/**
 * Hyperbolic tangent. `jax.numpy.tanh`.
 *
 * @example
 * import { tanh } from "reformax/numpy";
 * console.log(tanh(0).item()); // => 0
 */
export const tanh: Unary = floating("tanh", ops.tanh);
