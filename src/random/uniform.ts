import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { shapeOf, type ArrayLike, type ShapeLike } from "../array/array-like.ts";
import { broadcastTo } from "../numpy/axes.ts";
import { promoteAndBroadcast, toFloat } from "../array/promote.ts";
import { requireKey } from "./key.ts";

/**
 * Random words, u32. The i-th word depends on the key and i alone (the layout of
 * `jax_threefry_partitionable`). `jax.random.bits`.
 *
 * @example
 * import { bits, key } from "reformax/random";
 * console.log(bits(key(0)).item()); // => 4070199207
 */
export const bits = (key: Value, shape: ShapeLike = []): Value => wordsFor(key, shape, "bits");

/** {@link bits} for the function of that name. */
export const wordsFor = (key: Value, shape: ShapeLike, where: string): Value =>
  ops.bindNamed("randomBits", [requireKey(key, where)], { shape: shapeOf(shape, where) })[0];

/**
 * Numbers spread evenly over [minval, maxval), on a grid of 2^-23 of its width, f32.
 * `jax.random.uniform`.
 *
 * @throws ShapeError when a bound does not broadcast to the shape
 * @example
 * import { key, uniform } from "reformax/random";
 * console.log(uniform(key(0)).item().toFixed(6)); // => 0.947667
 */
export const uniform = (
  key: Value,
  shape: ShapeLike = [],
  minval: ArrayLike = 0,
  maxval: ArrayLike = 1,
): Value => uniformFromBits(wordsFor(key, shape, "uniform"), minval, maxval);

/** The upper 23 bits as the mantissa of a number in [1, 2), moved to [minval, maxval). */
export function uniformFromBits(words: Value, minval: ArrayLike, maxval: ArrayLike): Value {
  const mantissa = ops.shiftRightLogical(words, ops.fullLike(words, 9));
  const oneToTwo = ops.bitcast(ops.or(mantissa, ops.fullLike(mantissa, bitsOfOne)), "f32");
  const unit = ops.sub(oneToTwo, ops.fullLike(oneToTwo, 1));
  if (minval === 0 && maxval === 1) return unit;
  const bounds = [minval, maxval].map((bound) => toFloat(bound, "uniform"));
  const [low, high] = promoteAndBroadcast(bounds, "uniform");
  const width = broadcastTo(ops.sub(high, low), words.shape);
  const start = broadcastTo(low, words.shape);
  return ops.max(start, ops.add(ops.mul(unit, width), start));
}

const bitsOfOne = 0x3f800000;
