import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { promoteAndBroadcast, toFloat, toNumeric } from "../array/promote.ts";
import { numeric, type Unary } from "./unary-kinds.ts";

const largestMultipliedExponent = 64;

/**
 * x to the power y. A whole JavaScript number from -64 to 64 multiplies x with itself (also for
 * integers, when not negative); every other exponent is computed in f32. `jax.numpy.power`.
 *
 * @example
 * import { power } from "reformax/numpy";
 * console.log(power([1, 2, 3], 2).toArray()); // => [ 1, 4, 9 ]
 */
export function power(x: ArrayLike, y: ArrayLike): Value {
  if (typeof y === "number" && Number.isInteger(y) && Math.abs(y) <= largestMultipliedExponent) {
    return y >= 0 ? integerPower(toNumeric(x, "power"), y) : inversePower(toFloat(x, "power"), -y);
  }
  const operands = [x, y].map((operand) => toFloat(operand, "power"));
  const [base, exponent] = promoteAndBroadcast(operands, "power");
  return ops.pow(base, exponent);
}

const inversePower = (x: Value, exponent: number): Value =>
  ops.div(ops.fullLike(x, 1), integerPower(x, exponent));

/** By repeated squaring, most significant bit first: x^13 = ((x^2 x)^2)^2 x. */
function integerPower(x: Value, exponent: number): Value {
  if (exponent === 0) return ops.fullLike(x, 1);
  if (exponent === 1) return x;
  const half = integerPower(x, Math.floor(exponent / 2));
  const squared = ops.mul(half, half);
  return exponent % 2 === 0 ? squared : ops.mul(squared, x);
}

/**
 * x * x. `jax.numpy.square`.
 *
 * @example
 * import { square } from "reformax/numpy";
 * console.log(square([2, -3]).toArray()); // => [ 4, 9 ]
 */
export const square: Unary = numeric("square", (x) => ops.mul(x, x));
