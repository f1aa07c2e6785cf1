import type { Value } from "../../core/value.ts";
// Lists of buckets are operations that numpy has no name for.
import * as ops from "../../ir/ops.ts";
import {
  broadcastInDim,
  dynamicUpdateSlice,
  gather,
  pad,
  scatterAdd,
  sliceInDim,
} from "../../lax/index.ts";
import {
  add,
  array,
  concatenate,
  cumsum,
  equal,
  full,
  fullLike,
  maximum,
  minimum,
  reshape,
  subtract,
  where,
} from "../../numpy/index.ts";
import { sort } from "../attention/lsh.ts";

/**
 * What the heads of a layer keep of the tokens that were read, stacked along the leading axis. There is room for C tokens; what stands
 * behind those that were read means nothing.
 */
export interface HeadCache {
  /** f32[heads, B, C, d]: the keys, which are the queries where these are shared. */
  readonly keys: Value;
  /** f32[heads, B, C, e] */
  readonly values: Value;
  /** Tokens by bucket; null where nothing is hashed. */
  readonly lists: BucketLists | null;
  /** Sums of the queries, f32[heads, B, d]; null where hashing does not centre. */
  readonly sums: Value | null;
}

/** Linked lists of the tokens of every bucket, in the order of their positions. */
export interface BucketLists {
  /** i32[heads, B, rounds, C, 4]: a token's bucket, tokens before it there, and its neighbours. */
  readonly links: Value;
  /** i32[heads, B, rounds, 3, buckets]: tokens in lower buckets, first and last token. */
  readonly ends: Value;
}

/** What one more token adds, stacked per head. */
export interface HeadRow {
  /** f32[heads, B, d] and f32[heads, B, e] */
  readonly key: Value;
  readonly value: Value;
  /** i32[heads, B, rounds]; null where nothing is hashed. */
  readonly bucket: Value | null;
  readonly sums: Value | null;
}

/** The cache with one more token, at i32 position[B]. In place where the cache is dead. */
export function withToken(cache: HeadCache, row: HeadRow, position: Value): HeadCache {
  return {
    keys: writeRows(cache.keys, row.key, position),
    values: writeRows(cache.values, row.value, position),
    lists: cache.lists && row.bucket && insert(cache.lists, row.bucket, position),
    sums: row.sums,
  };
}

/** x[heads, B, C, w] with rows[heads, B, w] at the positions of their sequences. */
function writeRows(x: Value, rows: Value, position: Value): Value {
  const [heads, batch, , width] = x.shape;
  const zero = array(0, "i32");
  return Array.from({ length: batch }, (_, b) => b).reduce((before, b) => {
    const row = reshape(sliceInDim(rows, b, b + 1, 1), [heads, 1, 1, width]);
    const at = reshape(sliceInDim(position, b, b + 1), []);
    return dynamicUpdateSlice(before, row, [zero, array(b, "i32"), at, zero]);
  }, x);
}

function insert({ links, ends }: BucketLists, bucket: Value, position: Value): BucketLists {
  const [heads, batch] = links.shape;
  const merge = (x: Value): Value => reshape(x, [heads * batch, ...x.shape.slice(2)]);
  const positions = reshape(broadcastInDim(position, [heads, batch], [1]), [heads * batch]);
  const [newLinks, newEnds] = ops.bindNamed("insertToken", [
    merge(links),
    merge(ends),
    merge(bucket),
    positions,
  ]);
  return { links: reshape(newLinks, links.shape), ends: reshape(newEnds, ends.shape) };
}

/** x[heads, B, L, w] with room for `capacity` tokens. */
export const withRoom = (x: Value, capacity: number): Value =>
  pad(x, 0, [0, 0, 0, 0], [0, 0, capacity - x.shape[2], 0]);

/** The lists of tokens with buckets i32[heads, B, rounds, L], with room for `capacity`. */
export function listsOf(buckets: Value, numBuckets: number, capacity: number): BucketLists {
  const [heads, batch, rounds, length] = buckets.shape;
  const units = heads * batch * rounds;
  const flat = reshape(buckets, [units, length]);
  const { order, inverse } = sort(flat, numBuckets);
  const perBucket = full([units, numBuckets], 0, "i32");
  const counts = scatterAdd(perBucket, flat, fullLike(flat, 1), 1);
  const starts = subtract(cumsum(counts, 1), counts);
  const tokenAt = (slots: Value): Value => gather(order, minimum(maximum(slots, 0), length - 1), 1);
  const rank = subtract(inverse, gather(starts, flat, 1));
  const count = gather(counts, flat, 1);
  const none = (like: Value): Value => fullLike(like, -1);
  const previous = where(equal(rank, 0), none(rank), tokenAt(subtract(inverse, 1)));
  const next = where(equal(add(rank, 1), count), none(rank), tokenAt(add(inverse, 1)));
  const isEmpty = equal(counts, 0);
  const head = where(isEmpty, none(counts), tokenAt(starts));
  const tail = where(isEmpty, none(counts), tokenAt(subtract(add(starts, counts), 1)));
  const join = (parts: readonly Value[], axis: 1 | 2): Value =>
    concatenate(
      parts.map((part) => {
        const [rows, columns] = part.shape;
        return reshape(part, axis === 2 ? [rows, columns, 1] : [rows, 1, columns]);
      }),
      axis,
    );
  const links = pad(join([flat, rank, previous, next], 2), 0, [0, 0, 0], [0, capacity - length, 0]);
  const lead = [heads, batch, rounds];
  return {
    links: reshape(links, [...lead, capacity, 4]),
    ends: reshape(join([starts, head, tail], 1), [...lead, 3, numBuckets]),
  };
}
