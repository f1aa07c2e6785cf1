import type { Value } from "../../core/value.ts";
import { windowChunks } from "../../ir/attention.ts";
import { bucketCount, bucketSizes } from "./buckets.ts";
import { hashStatistics } from "./hash-statistics.ts";
import { hashTokens } from "./hash-tokens.ts";
import type { HeadOptions, HeadContext, HeadResult, Padding } from "./head-options.ts";
import type { AttentionVectors } from "./joint-attention.ts";
import { sort } from "./lsh.ts";
import { attendPlaced } from "./placed-attention.ts";

/** Buckets i32[N, rounds, padded] of padded queries. */
export function headBuckets(
  q: Value,
  options: HeadOptions,
  context: HeadContext,
  { valid, queries, length, padded }: Padding,
): Value {
  const sizes = bucketSizes(options, length);
  const numBuckets = bucketCount(sizes);
  const extra = queries < length ? padded - queries : 0;
  return hashTokens({ q, valid, sizes, numBuckets, length, extra }, options, context);
}

export function attendLsh(
  vectors: AttentionVectors,
  buckets: Value,
  options: HeadOptions,
  context: HeadContext,
  padding: Padding,
): HeadResult {
  const { conventions, chunkLength, before, after, causal } = options;
  const numBuckets = bucketCount(bucketSizes(options, padding.length));
  const { order, inverse } = sort(buckets, numBuckets + 1);
  const choices = {
    before,
    after,
    sameBucket: conventions.sameBucket,
    duplicates: meetsAgain(options, buckets.shape) && conventions.duplicates,
    circular: conventions.circular,
    selfMask: conventions.selfMask,
  };
  const placed = { slots: { order, inverse, buckets }, choices };
  const out = attendPlaced(vectors, placed, options, context, padding);
  const { valid } = padding;
  const hashed = { buckets, inverse, valid, numBuckets, chunkLength, before, after, causal };
  return { out, buckets, statistics: hashStatistics(hashed) };
}

/** In a single round every pair meets once, unless its window leads around a ring to where it began. */
const meetsAgain = (options: HeadOptions, [, rounds, padded]: readonly number[]): boolean =>
  rounds > 1 ||
  (options.conventions.circular &&
    windowChunks({ ...options, circular: true }) > padded / options.chunkLength);
