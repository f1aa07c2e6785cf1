import { broadcastShapes, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { shapeOf, type ArrayLike, type ShapeLike } from "../array/array-like.ts";
import { broadcastTo } from "../numpy/axes.ts";
import { argmax } from "../numpy/order.ts";
import { toFloat } from "../array/promote.ts";
import { gumbelFromBits } from "./continuous.ts";
import { uniformFromBits, wordsFor } from "./uniform.ts";

/**
 * true with probability `p`, of the shape of `p` unless given. `jax.random.bernoulli`.
 *
 * @example
 * import { bernoulli, key } from "reformax/random";
 * console.log(bernoulli(key(0), 0.5, [3]).dtype); // => bool
 */
export function bernoulli(key: Value, p: ArrayLike = 0.5, shape?: ShapeLike): Value {
  const probability = toFloat(p, "bernoulli");
  return bernoulliFromBits(
    wordsFor(key, shape === undefined ? probability.shape : shape, "bernoulli"),
    probability,
  );
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
  const even = bernoulliFromBits(wordsFor(key, shape, "rademacher"), ops.literal(0.5, "f32"));
  const positive = ops.convert(even, "i32");
  return ops.sub(ops.scale(positive, 2), ops.fullLike(positive, 1));
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
  const result = shapeOf(shape === undefined ? batch : shape, "categorical");
  const draws = result.slice(0, result.length - batch.length);
  const sizes = broadcastShapes([result, [...draws, ...batch]], "categorical");
  const inner = sizes.slice(draws.length);
  const noisy = [...draws, ...inner.slice(0, along), scores.shape[along], ...inner.slice(along)];
  const sum = ops.add(
    gumbelFromBits(wordsFor(key, noisy, "categorical")),
    broadcastTo(scores, noisy),
  );
  return argmax(sum, along - rank);
}
