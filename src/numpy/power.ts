import { isInteger } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { customJvp, foriLoop, jit } from "../transforms/index.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { promoteAndBroadcast, toFloat, toNumeric } from "../array/promote.ts";
import { numeric, type Unary } from "./unary-kinds.ts";

const largestMultipliedExponent = 64;

/**
 * x to the power y. A whole JavaScript number from -64 to 64 multiplies x with itself, and so does a
 * larger one or an integer array where x holds integers; they wrap. Every other exponent is computed
 * in f32. Integers to the power of negative elements of an array are 0, but for 1 and -1.
 * `jax.numpy.power`.
 *
 * @example
 * import { power } from "reformax/numpy";
 * console.log(power([1, 2, 3], 2).toArray()); // => [ 1, 4, 9 ]
 */
export function power(x: ArrayLike, y: ArrayLike): Value {
  if (typeof y === "number" && Number.isInteger(y)) {
    const base = toNumeric(x, "power");
    if (y >= 0 && (y <= largestMultipliedExponent || isInteger(base.dtype))) {
      return multiplied(base, y);
    }
    if (y < 0 && y >= -largestMultipliedExponent) return inversePower(toFloat(x, "power"), -y);
  }
  const [base, exponent] = promoteAndBroadcast([x, y], "power").map((operand) =>
    toNumeric(operand, "power"),
  );
  if (isInteger(base.dtype)) return integerPower(base, exponent);
  return ops.pow(toFloat(base, "power"), toFloat(exponent, "power"));
}

/** By repeated squaring, most significant bit first: x^13 = ((x^2 x)^2)^2 x. */
function multiplied(x: Value, exponent: number): Value {
  if (exponent === 0) return ops.fullLike(x, 1);
  if (exponent === 1) return x;
  const half = multiplied(x, Math.floor(exponent / 2));
  const squared = ops.mul(half, half);
  return exponent % 2 === 0 ? squared : ops.mul(squared, x);
}

/**
 * x^-exponent. The derivative is not that of a quotient, which is 0 * infinity where x^exponent is 0 and its slope
 * is too.
 */
function inversePower(x: Value, exponent: number): Value {
  const invert = customJvp(
    (base: Value) => ops.div(ops.fullLike(base, 1), multiplied(base, exponent)),
    ([base], [direction]) => [
      inversePower(base, exponent),
      ops.mul(direction, ops.scale(inversePower(base, exponent + 1), -exponent)),
    ],
  );
  return invert(x);
}

/**
 * Integers to the power of integers, by repeated squaring over the bits of the exponent's magnitude, in one loop: wraps
 * as a product of that many factors does.
 */
const integerPower = jit(
  (x: Value, y: Value): Value => {
    const [zero, one] = [ops.zerosLike(x), ops.fullLike(x, 1)];
    const magnitude = y.dtype === "i32" ? ops.abs(y) : y;
    const [result] = foriLoop(
      0,
      32,
      (_, [product, base, bits]: readonly Value[]) => [
        ops.select(ops.ne(ops.and(bits, one), zero), ops.mul(product, base), product),
        ops.mul(base, base),
        ops.shiftRightLogical(bits, one),
      ],
      [one, x, magnitude] as readonly Value[],
    );
    if (y.dtype === "u32") return result;
    const isUnit = ops.or(ops.eq(x, one), ops.eq(x, ops.neg(one)));
    return ops.select(ops.and(ops.lt(y, zero), ops.not(isUnit)), zero, result);
  },
  { name: "power" },
);

/**
 * x * x. `jax.numpy.square`.
 *
 * @example
 * import { square } from "reformax/numpy";
 * console.log(square([2, -3]).toArray()); // => [ 4, 9 ]
 */
export const square: Unary = numeric("square", (x) => ops.mul(x, x));
