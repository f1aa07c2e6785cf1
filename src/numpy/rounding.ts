import * as ops from "../ir/ops.ts";
import { numeric, rounding, type Unary } from "./unary-kinds.ts";

/**
 * |x|. Derivative sign(x), 0 at 0. `jax.numpy.abs`.
 *
 * @example
 * import { abs } from "reformax/numpy";
 * console.log(abs([-1.5, 2]).toArray()); // => [ 1.5, 2 ]
 */
export const abs: Unary = numeric("abs", ops.abs);

/**
 * -x; u32 wraps. `jax.numpy.negative`.
 *
 * @example
 * import { negative } from "reformax/numpy";
 * console.log(negative([1, -2]).toArray()); // => [ -1, 2 ]
 */
export const negative: Unary = numeric("negative", ops.neg);

/**
 * -1, 0 or 1 by the sign of x; keeps NaN and -0. `jax.numpy.sign`.
 *
 * @example
 * import { sign } from "reformax/numpy";
 * console.log(sign([-3, 0, 5]).toArray()); // => [ -1, 0, 1 ]
 */
export const sign: Unary = numeric("sign", ops.sign);

/**
 * Largest integer not above x, as f32. `jax.numpy.floor`.
 *
 * @example
 * import { floor } from "reformax/numpy";
 * console.log(floor([1.7, -1.2]).toArray()); // => [ 1, -2 ]
 */
export const floor: Unary = rounding("floor", ops.floor);

/**
 * Smallest integer not below x, as f32. `jax.numpy.ceil`.
 *
 * @example
 * import { ceil } from "reformax/numpy";
 * console.log(ceil([1.2, 2.5]).toArray()); // => [ 2, 3 ]
 */
export const ceil: Unary = rounding("ceil", ops.ceil);

/**
 * Nearest integer, halves to even, as f32. `jax.numpy.round`.
 *
 * @example
 * import { round } from "reformax/numpy";
 * console.log(round([0.5, 1.5, 2.4]).toArray()); // => [ 0, 2, 2 ]
 */
export const round: Unary = rounding("round", ops.round);

/**
 * The integer part, towards zero, as f32. `jax.numpy.trunc`.
 *
 * @example
 * import { trunc } from "reformax/numpy";
 * console.log(trunc([1.7, 2.2]).toArray()); // => [ 1, 2 ]
 */
export const trunc: Unary = rounding("trunc", ops.trunc);
