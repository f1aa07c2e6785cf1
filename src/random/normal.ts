import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike, ShapeLike } from "../array/array-like.ts";
import { maximum, minimum } from "../numpy/arithmetic.ts";
import { toFloat } from "../array/promote.ts";
import { uniformFromBits, wordsFor } from "./uniform.ts";

/** The f32 after -1 towards 0. */
const aboveMinusOne = -0.99999994;

/**
 * Numbers of the standard normal distribution, f32: sqrt(2) erfInv(u), u uniform in (-1, 1).
 * `jax.random.normal`, equal to it within the accuracy of the inverse error function.
 *
 * @example
 * import { key, normal } from "reformax/random";
 * console.log(normal(key(0)).item().toFixed(4)); // => 1.6226
 */
export const normal = (key: Value, shape: ShapeLike = []): Value =>
  normalFromBits(wordsFor(key, shape, "normal"));

export function normalFromBits(words: Value): Value {
  const u = uniformFromBits(words, aboveMinusOne, 1);
  return ops.scale(ops.erfInv(u), Math.SQRT2);
}

/**
 * Standard normal numbers limited to the open interval (lower, upper), whose bounds broadcast to
 * the shape. `jax.random.truncated_normal`.
 *
 * @example
 * import { key, truncatedNormal } from "reformax/random";
 * const x = truncatedNormal(key(0), -2, 2, [1000]).dataSync();
 * console.log(x.every((value) => Math.abs(value) < 2)); // => true
 */
export const truncatedNormal = (
  key: Value,
  lower: ArrayLike,
  upper: ArrayLike,
  shape: ShapeLike = [],
): Value => truncatedNormalFromBits(wordsFor(key, shape, "truncatedNormal"), lower, upper);

export function truncatedNormalFromBits(words: Value, lower: ArrayLike, upper: ArrayLike): Value {
  const [low, high] = [lower, upper].map((bound) => toFloat(bound, "truncatedNormal"));
  const [from, to] = [low, high].map((bound) =>
    ops.erf(ops.div(bound, ops.fullLike(bound, Math.SQRT2))),
  );
  const raw = ops.scale(ops.erfInv(uniformFromBits(words, from, to)), Math.SQRT2);
  // Rounding must not reach the bounds.
  const inner = [nextUp(ops.stopGradient(low)), ops.neg(nextUp(ops.neg(ops.stopGradient(high))))];
  return minimum(maximum(raw, inner[0]), inner[1]);
}

/** The next larger f32: the words of floats of one sign are ordered as their magnitudes. */
function nextUp(x: Value): Value {
  const word = ops.bitcast(x, "i32");
  const one = ops.fullLike(word, 1);
  const negative = ops.lt(word, ops.zerosLike(word));
  const next = ops.bitcast(ops.select(negative, ops.sub(word, one), ops.add(word, one)), "f32");
  const smallest = ops.bitcast(one, "f32");
  const isZero = ops.eq(x, ops.zerosLike(x));
  const isLast = ops.eq(x, ops.fullLike(x, Infinity));
  return ops.select(isLast, x, ops.select(isZero, smallest, next));
}
