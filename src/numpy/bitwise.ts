import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import * as ops from "../ir/ops.ts";
import type { Binary } from "./arithmetic.ts";
import { toValue } from "../array/array-like.ts";
import { promoteAndBroadcast, requireInteger } from "../array/promote.ts";
import type { Unary } from "./unary-kinds.ts";

const bitwise = (where: string, f: (x: Value, y: Value) => Value): Binary =>
  withName(where, (x, y) => {
    const [a, b] = promoteAndBroadcast([x, y], where);
    return f(requireInteger(a, where, true), b);
  });

/**
 * Bits set in both; integers or bool. `jax.numpy.bitwise_and`.
 *
 * @throws DTypeError for f32 and fixed point
 * @example
 * import { array, bitwiseAnd } from "reformax/numpy";
 * console.log(bitwiseAnd(array([6, 7], "i32"), 3).toArray()); // => [ 2, 3 ]
 */
export const bitwiseAnd: Binary = bitwise("bitwiseAnd", ops.and);

/**
 * Bits set in at least one. `jax.numpy.bitwise_or`.
 *
 * @example
 * import { array, bitwiseOr } from "reformax/numpy";
 * console.log(bitwiseOr(array([4], "u32"), 3).toArray()); // => [ 7 ]
 */
export const bitwiseOr: Binary = bitwise("bitwiseOr", ops.or);

/**
 * Bits set in exactly one. `jax.numpy.bitwise_xor`.
 *
 * @example
 * import { array, bitwiseXor } from "reformax/numpy";
 * console.log(bitwiseXor(array([6], "u32"), 3).toArray()); // => [ 5 ]
 */
export const bitwiseXor: Binary = bitwise("bitwiseXor", ops.xor);

/**
 * All bits flipped. `jax.numpy.bitwise_not`.
 *
 * @example
 * import { array, bitwiseNot } from "reformax/numpy";
 * console.log(bitwiseNot(array([0], "i32")).toArray()); // => [ -1 ]
 */
export const bitwiseNot: Unary = (x) =>
  ops.not(requireInteger(toValue(x, "bitwiseNot"), "bitwiseNot", true));

/**
 * x shifted left by y bits; 0 from 32 bits on. `jax.numpy.left_shift`.
 *
 * @example
 * import { array, leftShift } from "reformax/numpy";
 * console.log(leftShift(array([1, 3], "i32"), 2).toArray()); // => [ 4, 12 ]
 */
export const leftShift: Binary = bitwise("leftShift", ops.shiftLeft);

/**
 * x shifted right by y bits; i32 keeps its sign. `jax.numpy.right_shift`.
 *
 * @example
 * import { array, rightShift } from "reformax/numpy";
 * console.log(rightShift(array([-8, 8], "i32"), 1).toArray()); // => [ -4, 4 ]
 */
export const rightShift: Binary = bitwise("rightShift", (x, y) =>
  x.dtype === "u32" ? ops.shiftRightLogical(x, y) : ops.shiftRightArithmetic(x, y),
);
