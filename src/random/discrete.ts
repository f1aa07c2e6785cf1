import { broadcastShapes, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { numberOf, shapeOf, toValue, type ArrayLike, type ShapeLike } from "../array/array-like.ts";
import { broadcastTo } from "../numpy/axes.ts";
import { argmax } from "../numpy/order.ts";
import { requireInteger, toFloat } from "../array/promote.ts";
import { gumbel } from "./continuous.ts";
import { split } from "./key.ts";
import { bits, uniformFromBits } from "./uniform.ts";

/**
 * true with probability `p`, of the shape of `p` unless given. `jax.random.bernoulli`.
 *
 * @example
 * import { bernoulli, key } from "reformax/random";
 * console.log(bernoulli(key(0), 0.5, [3]).dtype); // => bool
 */
export function bernoulli(key: Value, p: ArrayLike = 0.5, shape?: ShapeLike): Value {
  const probability = toFloat(p, "bernoulli");
  return bernoulliFromBits(bits(key, shape ?? probability.shape), probability);
}

export const bernoulliFromBits = (words: Value, p: Value): Value =>
  ops.lt(uniformFromBits(words, 0, 1), broadcastTo(p, words.shape));

/**
 * -1 or 1 with equal probability, i32. `jax.random.rademacher`.
 *
 * @example
 * import { key, rademacher } from "reformax/random";
 * console.log(rademacher(key(0), [8]).dataSync().every((x) => x === 1 || x === -1)); // => true
 */
export function rademacher(key: Value, shape: ShapeLike = []): Value {
  const positive = ops.convert(bernoulli(key, 0.5, shape), "i32");
  return ops.sub(ops.scale(positive, 2), ops.fullLike(positive, 1));
}

/**
 * Integers from minval to maxval - 1, i32 or u32; the bounds broadcast to the shape. Not exactly
 * even unless the span is a power of two: off by less than 2^-32. Where maxval <= minval the result is
 * minval. `jax.random.randint`.
 *
 * @throws DTypeError when a bound is not an integer of the dtype
 * @example
 * import { key, randint } from "reformax/random";
 * const rolls = randint(key(0), [100], 1, 7).dataSync();
 * console.log(rolls.every((roll) => roll >= 1 && roll <= 6)); // => true
 */
export function randint(
  key: Value,
  shape: ShapeLike,
  minval: ArrayLike,
  maxval: ArrayLike,
  dtype: "i32" | "u32" = "i32",
): Value {
  const sizes = shapeOf(shape);
  const [low, high] = [minval, maxval].map((bound) => {
    const value =
      typeof bound === "number" ? numberOf(bound, dtype, "randint") : toValue(bound, "randint");
    return broadcastTo(ops.convert(requireInteger(value, "randint"), dtype), sizes);
  });
  const [first, second] = split(key).map((half) => bits(half, sizes));
  return randintFromBits(first, second, low, high);
}

/** (higher * 2^32 + lower) mod span, by (a * b) mod n = ((a mod n) * (b mod n)) mod n. */
export function randintFromBits(higher: Value, lower: Value, minval: Value, maxval: Value): Value {
  const difference = ops.convert(ops.sub(maxval, minval), "u32");
  const one = ops.fullLike(difference, 1);
  const span = ops.select(ops.le(maxval, minval), one, difference);
  const root = ops.rem(ops.fullLike(span, 2 ** 16), span);
  const multiplier = ops.rem(ops.mul(root, root), span);
  const folded = ops.add(ops.mul(ops.rem(higher, span), multiplier), ops.rem(lower, span));
  return ops.add(minval, ops.convert(ops.rem(folded, span), minval.dtype));
}

/**
 * An i32 index along `axis` drawn with the probabilities softmax(logits), by the Gumbel trick. The
 * result has the shape of the logits without the axis; a longer `shape` that ends in it draws
 * several times. `jax.random.categorical`.
 *
 * @throws ShapeError when the shape does not end in that of the logits without the axis
 * @example
 * import { categorical, key } from "reformax/random";
 * console.log(categorical(key(0), [-Infinity, 0, -Infinity], -1, [3]).toArray()); // => [ 1, 1, 1 ]
 */
export function categorical(key: Value, logits: ArrayLike, axis = -1, shape?: ShapeLike): Value {
  const scores = toFloat(logits, "categorical");
  const rank = scores.shape.length;
  const along = normalizeAxis(axis, rank, "categorical");
  const batch = scores.shape.filter((_, i) => i !== along);
  const result = shapeOf(shape ?? batch);
  const draws = result.slice(0, result.length - batch.length);
  const sizes = broadcastShapes([result, [...draws, ...batch]], "categorical");
  const inner = sizes.slice(draws.length);
  const noisy = [...draws, ...inner.slice(0, along), scores.shape[along], ...inner.slice(along)];
  const sum = ops.add(gumbel(key, noisy), broadcastTo(scores, noisy));
  return argmax(sum, along - rank);
}
