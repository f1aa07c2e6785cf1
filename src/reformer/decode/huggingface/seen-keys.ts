import type { Value } from "../../../core/value.ts";
import { iota } from "../../../lax/index.ts";
import {
  add,
  astype,
  equal,
  expandDims,
  floorDivide,
  less,
  lessEqual,
  logicalAnd,
  maximum,
  multiply,
  remainder,
  subtract,
  sum,
  where,
} from "../../../numpy/index.ts";
import type { HeadOptions } from "../../attention/head-options.ts";
import { sort } from "../../attention/lsh.ts";

type Window = Pick<HeadOptions, "chunkLength" | "before" | "after">;

/*
 * How often the token at i32 position[B] sees each of C kept tokens, itself included: i32[B, 1 or rounds, C]. Tokens behind it are
 * not there yet.
 */

/** Every token once. */
export const seenWhole = (position: Value, capacity: number): Value =>
  astype(lessEqual(places(capacity), perRound(position)), "i32");

/**
 * From the beginning of a chunk on. Where that would lie before the text HuggingFace's slice counts from its end: with several chunks
 * before, a text shorter than these loses its first chunks.
 */
export function seenLocally(
  position: Value,
  capacity: number,
  { chunkLength, before }: Window,
): Value {
  const start = multiply(subtract(floorDivide(position, chunkLength), before), chunkLength);
  const first = where(less(start, 0), maximum(add(position, start), 0), start);
  const isInside = lessEqual(perRound(first), places(capacity));
  return multiply(seenWhole(position, capacity), astype(isInside, "i32"));
}

/**
 * The chunk that the token falls into when all are sorted by bucket, with its neighbours: around the ring of the tokens of one
 * round, so that a short text is seen more than once.
 *
 * @param buckets - i32[B, rounds, C] below `numBuckets`, those of the token itself included
 */
export function seenHashed(
  position: Value,
  buckets: Value,
  numBuckets: number,
  { chunkLength, before, after }: Window,
): Value {
  const capacity = buckets.shape[2];
  const at = perRound(position);
  const isThere = lessEqual(places(capacity), at);
  const { inverse: slots } = sort(where(isThere, buckets, numBuckets), numBuckets + 1);
  const isToken = equal(places(capacity), at);
  const slot = sum(where(isToken, slots, 0), 2, { keepDims: true });
  const first = multiply(subtract(floorDivide(slot, chunkLength), before), chunkLength);
  const count = add(at, 1);
  const window = chunkLength * (1 + before + after);
  const fromFirst = remainder(subtract(slots, first), count);
  const times = add(floorDivide(subtract(window - 1, fromFirst), count), 1);
  return where(logicalAnd(isThere, less(fromFirst, window)), times, 0);
}

/** i32[1, 1, C] */
const places = (capacity: number): Value => iota("i32", [1, 1, capacity], 2);

/** x[B] as [B, 1, 1] */
const perRound = (x: Value): Value => expandDims(x, [1, 2]);
