import type { Value } from "../../../core/value.ts";
import { iota, pad, sliceInDim } from "../../../lax/index.ts";
import {
  add,
  equal,
  expandDims,
  floorDivide,
  max,
  multiply,
  reshape,
  where,
} from "../../../numpy/index.ts";
import type { HeadRow } from "../cache.ts";
import type { PromptRows } from "../decoding-blocks.ts";

/** What a layer keeps of the tokens that were read, stacked per head, with room for C. */
export interface LayerRows {
  /** f32[heads, B, C, d]: the keys, which are the queries where these are shared. */
  readonly keys: Value;
  /** f32[heads, B, C, e] */
  readonly values: Value;
  /**
   * i32[heads, B, rounds, C], -1 where no token is yet; null where nothing is hashed. As HuggingFace numbers buckets: each
   * round adds its number times a stride.
   */
  readonly buckets: Value | null;
}

/** What a layer kept of a prompt of `length` tokens, with room for `capacity`; buckets are numbered with `stride`. */
export function rowsOf(
  { keys, values, buckets }: PromptRows,
  { length, capacity, stride }: { length: number; capacity: number; stride: number },
): LayerRows {
  const room = (x: Value, axis: number, empty: number): Value =>
    pad(
      sliceInDim(x, 0, length, axis),
      empty,
      x.shape.map(() => 0),
      x.shape.map((_, i) => (i === axis ? capacity - length : 0)),
    );
  return {
    keys: room(keys, 2, 0),
    values: room(values, 2, 0),
    buckets: buckets && room(numbered(buckets, 2, stride), 3, -1),
  };
}

/** The layer's rows with one more token, at i32 position[B]. */
export function withRow(rows: LayerRows, row: HeadRow, position: Value): LayerRows {
  const { keys, values, buckets } = rows;
  // isNew[B, C]
  const isNew = equal(iota("i32", [keys.shape[2]]), expandDims(position, 1));
  const put = (x: Value, one: Value): Value => where(expandDims(isNew, 2), expandDims(one, 2), x);
  return {
    keys: put(keys, row.key),
    values: put(values, row.value),
    buckets:
      buckets && row.bucket && where(expandDims(isNew, 1), expandDims(row.bucket, 3), buckets),
  };
}

/** Buckets with the number of their round, along `axis`, times `stride` added. */
export const numbered = (buckets: Value, axis: number, stride: Value | number): Value =>
  add(buckets, multiply(iota("i32", buckets.shape, axis), stride));

/**
 * What the next token's buckets are numbered with in each sequence, i32[B]: one more than the buckets only if a bucket that is kept
 * has a number that could not occur otherwise. So HuggingFace guesses whether the text before was padded when it was read.
 */
export function nextStride(buckets: Value, numBuckets: number): Value {
  const [, , rounds] = buckets.shape;
  const largest = max(buckets, [0, 2, 3]);
  // Above the last number without padding, `rounds * numBuckets - 1`, this is 1; below it is 0.
  const isWide = floorDivide(largest, rounds * numBuckets);
  return add(reshape(isWide, [buckets.shape[1]]), numBuckets);
}
