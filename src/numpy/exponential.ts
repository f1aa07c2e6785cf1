import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { customJvp, jit } from "../transforms/index.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { promoteAndBroadcast, toFloat } from "../array/promote.ts";
import { floating, type Unary } from "./unary-kinds.ts";

const ln2 = Math.LN2;
const ln10 = Math.LN10;

/**
 * e^x; exactly 0 below -87, where the result would be denormal. `jax.numpy.exp`.
 *
 * @example
 * import { exp } from "reformax/numpy";
 * console.log(exp(0).item()); // => 1
 */
export const exp: Unary = floating("exp", ops.exp);

/**
 * 2^x. `jax.numpy.exp2`.
 *
 * @example
 * import { exp2 } from "reformax/numpy";
 * console.log(exp2(3).item()); // => 8
 */
export const exp2: Unary = floating("exp2", (x) => ops.pow(ops.fullLike(x, 2), x));

/**
 * e^x - 1, accurate near 0. `jax.numpy.expm1`.
 *
 * @example
 * import { expm1 } from "reformax/numpy";
 * console.log(expm1(0).item()); // => 0
 */
export const expm1: Unary = floating("expm1", ops.expm1);

/**
 * Natural logarithm; -Infinity at 0, NaN below. `jax.numpy.log`.
 *
 * @example
 * import { log } from "reformax/numpy";
 * console.log(log(1).item()); // => 0
 */
export const log: Unary = floating("log", ops.log);

/**
 * log(1 + x), accurate near 0. `jax.numpy.log1p`.
 *
 * @example
 * import { log1p } from "reformax/numpy";
 * console.log(log1p(0).item()); // => 0
 */
export const log1p: Unary = floating("log1p", ops.log1p);

/**
 * Logarithm to base 2. `jax.numpy.log2`.
 *
 * @example
 * import { log2 } from "reformax/numpy";
 * console.log(log2(1).item()); // => 0
 */
export const log2: Unary = floating("log2", (x) => ops.div(ops.log(x), ops.fullLike(x, ln2)));

/**
 * Logarithm to base 10. `jax.numpy.log10`.
 *
 * @example
 * import { log10 } from "reformax/numpy";
 * console.log(log10(1).item()); // => 0
 */
export const log10: Unary = floating("log10", (x) => ops.div(ops.log(x), ops.fullLike(x, ln10)));

/**
 * Square root, correctly rounded; NaN below 0. `jax.numpy.sqrt`.
 *
 * @example
 * import { sqrt } from "reformax/numpy";
 * console.log(sqrt([4, 9]).toArray()); // => [ 2, 3 ]
 */
export const sqrt: Unary = floating("sqrt", ops.sqrt);

/**
 * 1 / x. `jax.numpy.reciprocal`.
 *
 * @example
 * import { reciprocal } from "reformax/numpy";
 * console.log(reciprocal([2, 4]).toArray()); // => [ 0.5, 0.25 ]
 */
export const reciprocal: Unary = floating("reciprocal", (x) => ops.div(ops.fullLike(x, 1), x));

/**
 * log(e^x + e^y) without overflow: max(x, y) + log1p(e^-|x - y|). Two -Infinity give -Infinity.
 * `jax.numpy.logaddexp`.
 *
 * @example
 * import { logaddexp } from "reformax/numpy";
 * console.log(logaddexp(100, 0).item()); // => 100
 */
export function logaddexp(x: ArrayLike, y: ArrayLike): Value {
  const operands = [x, y].map((operand) => toFloat(operand, "logaddexp"));
  const [a, b] = promoteAndBroadcast(operands, "logaddexp");
  return logOfSum(a, b);
}

/** The slopes are sigmoids of the difference: those of max and abs have no curvature where x = y. */
const logOfSumRule: (a: Value, b: Value) => Value = customJvp(
  (a: Value, b: Value) => {
    const { difference, equalInfinities } = distance(a, b);
    const correction = ops.log1p(ops.exp(ops.neg(ops.abs(difference))));
    return ops.select(equalInfinities, a, ops.add(ops.max(a, b), correction));
  },
  ([a, b], [da, db]) => {
    const { difference } = distance(a, b);
    const [toA, toB] = [difference, ops.neg(difference)].map(ops.logistic);
    return [logOfSumRule(a, b), ops.add(ops.mul(da, toA), ops.mul(db, toB))];
  },
);

const logOfSum = jit(logOfSumRule, { name: "logaddexp" });

/** a - b, and 0 where both are the same infinity. */
function distance(a: Value, b: Value): { difference: Value; equalInfinities: Value } {
  const difference = ops.sub(a, b);
  const equalInfinities = ops.and(ops.eq(a, b), ops.ne(difference, difference));
  const safe = ops.select(equalInfinities, ops.zerosLike(difference), difference);
  return { difference: safe, equalInfinities };
}
