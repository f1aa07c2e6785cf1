import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import * as ops from "../ir/ops.ts";
import type { Binary } from "./arithmetic.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { broadcastAll, refuseFixed, toFloat } from "../array/promote.ts";
import type { Unary } from "./unary-kinds.ts";

/** bool as it is, numbers by being nonzero. */
export const toBool = (x: ArrayLike, where: string): Value =>
  ops.convert(refuseFixed(toValue(x, where), where), "bool");

const connective = (where: string, f: (x: Value, y: Value) => Value): Binary =>
  withName(where, (x, y) => {
    const [a, b] = broadcastAll([toBool(x, where), toBool(y, where)], where);
    return f(a, b);
  });

/**
 * Both hold (nonzero counts as true). `jax.numpy.logical_and`.
 *
 * @example
 * import { logicalAnd } from "reformax/numpy";
 * console.log(logicalAnd([true, true], [true, false]).toArray()); // => [ true, false ]
 */
export const logicalAnd: Binary = connective("logicalAnd", ops.and);

/**
 * At least one holds. `jax.numpy.logical_or`.
 *
 * @example
 * import { logicalOr } from "reformax/numpy";
 * console.log(logicalOr([true, false], false).toArray()); // => [ true, false ]
 */
export const logicalOr: Binary = connective("logicalOr", ops.or);

/**
 * Exactly one holds. `jax.numpy.logical_xor`.
 *
 * @example
 * import { logicalXor } from "reformax/numpy";
 * console.log(logicalXor([true, false], true).toArray()); // => [ false, true ]
 */
export const logicalXor: Binary = connective("logicalXor", ops.xor);

/**
 * Does not hold. `jax.numpy.logical_not`.
 *
 * @example
 * import { logicalNot } from "reformax/numpy";
 * console.log(logicalNot([true, false]).toArray()); // => [ false, true ]
 */
export const logicalNot: Unary = (x) => ops.not(toBool(x, "logicalNot"));

/**
 * Is not a number. `jax.numpy.isnan`.
 *
 * @example
 * import { isNaN } from "reformax/numpy";
 * console.log(isNaN([1, NaN]).toArray()); // => [ false, true ]
 */
export const isNaN: Unary = (x) => {
  const value = toFloat(x, "isNaN");
  return ops.ne(value, value);
};

/**
 * Is Infinity or -Infinity. `jax.numpy.isinf`.
 *
 * @example
 * import { isInf } from "reformax/numpy";
 * console.log(isInf([1, -Infinity]).toArray()); // => [ false, true ]
 */
export const isInf: Unary = (x) => {
  const magnitude = ops.abs(toFloat(x, "isInf"));
  return ops.eq(magnitude, ops.fullLike(magnitude, Infinity));
};

/**
 * Is neither NaN nor infinite. `jax.numpy.isfinite`.
 *
 * @example
 * import { isFinite } from "reformax/numpy";
 * console.log(isFinite([1, NaN, Infinity]).toArray()); // => [ true, false, false ]
 */
export const isFinite: Unary = (x) => {
  const magnitude = ops.abs(toFloat(x, "isFinite"));
  return ops.lt(magnitude, ops.fullLike(magnitude, Infinity));
};
