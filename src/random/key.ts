import { checkWhole } from "../core/whole.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { DTypeError, ReformaxError, ShapeError } from "../core/errors.ts";
import { formatAval, type Aval } from "../core/aval.ts";
import { tensorFrom } from "../core/tensor.ts";
import { isValue, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { index } from "../numpy/indexing.ts";
import { stack } from "../numpy/join.ts";
import { toValue, type ShapeLike, shapeOf } from "../array/array-like.ts";
import { broadcastTo } from "../numpy/axes.ts";
import { requireInteger } from "../array/promote.ts";

/**
 * The key of a stream of random bits: u32[2], the high and the low word of the seed. Equal keys
 * give equal numbers everywhere: use each key once, and derive others with {@link split} and
 * {@link foldIn}. An i32 or u32 array as seed may be traced. `jax.random.key`, in the layout of
 * `jax.random.PRNGKey`; the words of seeds of 64 bits are those of JAX in 64-bit mode.
 *
 * @param seed - an integer; negative ones in two's complement of 64 bits; beyond 2^53 as a bigint
 * @throws DTypeError unless the seed is an integer
 * @example
 * import { key } from "reformax/random";
 * console.log(key(42).toArray()); // => [ 0, 42 ]
 */
export function key(seed: number | bigint | Value): Value {
  if (typeof seed === "object" && seed !== null)
    return keyFromWord(requireInteger(isValue(seed) ? seed : toValue(seed, "key"), "key"));
  if (typeof seed !== "bigint" && !Number.isSafeInteger(seed)) {
    throw new DTypeError("the seed must be an integer", {
      where: "key",
      expected: "an integer within 2^53, or a bigint",
      got: describeArgument(seed),
      fix: "Give seeds beyond 2^53 as a bigint.",
    });
  }
  const words = BigInt.asUintN(64, BigInt(seed));
  return tensorFrom(
    "u32",
    [2],
    new Uint32Array([Number(words >> 32n), Number(words & 0xffffffffn)]),
  );
}

const keyFromWord = (word: Value): Value => {
  const low = ops.convert(word, "u32");
  return stack([ops.zerosLike(low), low]);
};

/**
 * `count` independent keys in place of one, which is then used up. `jax.random.split`, as a list.
 *
 * @example
 * import { key, normal, split } from "reformax/random";
 * const [forWeights, forData] = split(key(0));
 * console.log(normal(forWeights).item() === normal(forData).item()); // => false
 */
export function split(parent: Value, count = 2): Value[] {
  const keys = keysOf(parent, checkWhole(count, "the count", "split", 0), "split");
  return Array.from({ length: count }, (_, i) => index(keys, i));
}

/**
 * Independent keys as one array u32[...shape, 2], to map or scan over. `jax.random.split`.
 *
 * @example
 * import { vmap, type Value } from "reformax";
 * import { key, splitKeys, uniform } from "reformax/random";
 * console.log(vmap((k: Value) => uniform(k, [3]))(splitKeys(key(0), 5)).shape); // => [ 5, 3 ]
 */
export const splitKeys = (parent: Value, shape: ShapeLike): Value =>
  keysOf(parent, shape, "splitKeys");

function keysOf(parent: Value, shape: ShapeLike, where: string): Value {
  const sizes = shapeOf(shape, where);
  const count = sizes.reduce((a, b) => a * b, 1);
  const counters = ops.convert(ops.iota("i32", [count], 0), "u32");
  const words = stack(hash(parent, counters, where), 1);
  return ops.reshape(words, [...sizes, 2]);
}

/**
 * The key for one of many uses that are numbered: layers, steps, tokens. The number (32 bits) may
 * be traced. `jax.random.fold_in`.
 *
 * @example
 * import { foldIn, key } from "reformax/random";
 * console.log(foldIn(key(0), 4).toArray()); // => [ 2285895361, 433833334 ]
 */
export function foldIn(parent: Value, data: number | Value): Value {
  return stack(hash(parent, toWord(data), "foldIn"));
}

function toWord(data: number | Value): Value {
  if (typeof data === "object" && data !== null)
    return ops.convert(
      requireInteger(isValue(data) ? data : toValue(data, "foldIn"), "foldIn"),
      "u32",
    );
  if (!Number.isInteger(data) || data < -(2 ** 31) || data >= 2 ** 32) {
    throw new ReformaxError("not an integer of 32 bits", {
      where: "foldIn",
      expected: `an integer from ${-(2 ** 31)} to ${2 ** 32 - 1}`,
      got: describeArgument(data),
    });
  }
  return ops.literal(data >>> 0, "u32");
}

/** threefry2x32 of the key and the counters (0, low), elementwise: two arrays. */
function hash(parent: Value, low: Value, where: string): readonly Value[] {
  const parts = requireKey(parent, where);
  const words = [index(parts, 0), index(parts, 1)].map((word) => broadcastTo(word, low.shape));
  return ops.bindNamed("threefry2x32", [...words, ops.zerosLike(low), low]);
}

/** `value` if it is a key. */
export function requireKey(value: Value, where: string): Value {
  const aval = avalOf(value);
  if (aval?.dtype === "u32" && aval.shape.length === 1 && aval.shape[0] === 2) return value;
  throw new ShapeError("not a key", {
    where,
    expected: "u32[2]",
    got: aval ? formatAval(aval) : describeArgument(value),
    fix: "Make keys with random.key and random.split; map over many with vmap.",
  });
}

/** Undefined for what is no array: JavaScript lets a shape or a seed stand where the key belongs. */
const avalOf = (value: unknown): Aval | undefined => (isValue(value) ? value.aval : undefined);
