import { checkOptions } from "../core/arguments.ts";
import { checkWhole } from "../core/whole.ts";
import { normalizeAxis, sizeOf } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import { arange } from "../numpy/ranges.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { take, takeAlongAxis } from "../numpy/take.ts";
import { argsort } from "../numpy/order.ts";
import { requireKey, split } from "./key.ts";
import { bits } from "./uniform.ts";

export interface PermutationOptions {
  /** Shuffle every vector along the axis by itself. Default: move whole slices. */
  readonly independent?: boolean;
}

/**
 * The numbers 0 to n - 1 in random order (for a JavaScript number n), or an array whose slices
 * along `axis` are in random order. `jax.random.permutation`.
 *
 * @example
 * import { sort } from "reformax/numpy";
 * import { key, permutation } from "reformax/random";
 * console.log(sort(permutation(key(0), 4)).toArray()); // => [ 0, 1, 2, 3 ]
 */
export function permutation(
  key: Value,
  x: ArrayLike,
  axis = 0,
  options: PermutationOptions = {},
): Value {
  const { independent = false } = checkOptions(options, { independent: "flag" }, "permutation");
  requireKey(key, "permutation");
  if (typeof x === "number") {
    return shuffle(key, arange(checkWhole(x, "the count", "permutation", 0)), 0);
  }
  const value = toValue(x, "permutation");
  const along = normalizeAxis(axis, value.shape.length, "permutation");
  if (independent || value.shape.length === 1) return shuffle(key, value, along);
  return take(value, shuffle(key, arange(value.shape[along]), 0), along);
}

/**
 * Sorts by random words, with fresh ones in every round, because words may collide: after the
 * rounds the words of one element form a string, and these are all different almost surely. Needs
 * the sort to be stable.
 */
function shuffle(key: Value, x: Value, axis: number): Value {
  let [shuffled, next] = [x, key];
  for (let round = roundsFor(sizeOf(x.shape)); round > 0; round--) {
    const [following, current] = split(next);
    const order = argsort(bits(current, x.shape), axis);
    shuffled = takeAlongAxis(shuffled, order, axis);
    next = following;
  }
  return shuffled;
}

/** JAX's number of rounds: the smallest r with (2^32 - 1)^r >= size^3. */
function roundsFor(size: number): number {
  const count = BigInt(Math.max(1, size));
  const cube = count * count * count;
  let rounds = 0;
  for (let reach = 1n; reach < cube; reach *= 0xffffffffn) rounds += 1;
  return rounds;
}
