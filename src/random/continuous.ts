import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ShapeLike } from "../array/array-like.ts";
import { uniformFromBits, wordsFor } from "./uniform.ts";

/** The smallest normal f32: keeps the logarithm finite. */
const tiny = 1.1754943508222875e-38;

/**
 * Numbers of the standard Gumbel distribution, -log(-log(u)). Adding them to logits and taking the
 * largest samples from the softmax. `jax.random.gumbel` in its mode "low".
 *
 * @example
 * import { gumbel, key } from "reformax/random";
 * console.log(gumbel(key(0), [2]).shape); // => [ 2 ]
 */
export const gumbel = (key: Value, shape: ShapeLike = []): Value =>
  gumbelFromBits(wordsFor(key, shape, "gumbel"));

export const gumbelFromBits = (words: Value): Value =>
  ops.neg(ops.log(ops.neg(ops.log(uniformFromBits(words, tiny, 1)))));

/**
 * Numbers of the exponential distribution of mean 1, -log(1 - u). `jax.random.exponential`.
 *
 * @example
 * import { exponential, key } from "reformax/random";
 * console.log(exponential(key(0), [2]).shape); // => [ 2 ]
 */
export const exponential = (key: Value, shape: ShapeLike = []): Value =>
  exponentialFromBits(wordsFor(key, shape, "exponential"));

export const exponentialFromBits = (words: Value): Value =>
  ops.neg(ops.log1p(ops.neg(uniformFromBits(words, 0, 1))));

/**
 * Numbers of the Laplace distribution of scale 1. `jax.random.laplace`.
 *
 * @example
 * import { key, laplace } from "reformax/random";
 * console.log(laplace(key(0), [2]).shape); // => [ 2 ]
 */
export const laplace = (key: Value, shape: ShapeLike = []): Value =>
  laplaceFromBits(wordsFor(key, shape, "laplace"));

export function laplaceFromBits(words: Value): Value {
  const u = uniformFromBits(words, aboveMinusOne, 1);
  return ops.mul(ops.sign(u), ops.log1p(ops.neg(ops.abs(u))));
}

/** -1 and half a unit in the last place of 1 (NumPy's `epsneg`). */
const aboveMinusOne = -1 + 2 ** -24;

/**
 * Numbers of the logistic distribution of scale 1, log(u / (1 - u)). `jax.random.logistic`.
 *
 * @example
 * import { key, logistic } from "reformax/random";
 * console.log(logistic(key(0), [2]).shape); // => [ 2 ]
 */
export const logistic = (key: Value, shape: ShapeLike = []): Value =>
  logisticFromBits(wordsFor(key, shape, "logistic"));

export function logisticFromBits(words: Value): Value {
  const u = uniformFromBits(words, tiny, 1);
  return ops.sub(ops.log(u), ops.log1p(ops.neg(u)));
}
