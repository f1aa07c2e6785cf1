import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim, gather, iota, pad, slice, stopGradient } from "../../lax/index.ts";
import { concatenate, fullLike, notEqual, where } from "../../numpy/index.ts";
import { bucketCount, bucketSizes } from "./buckets.ts";
import { deviations } from "./centring.ts";
import { hashStatistics } from "./hash-statistics.ts";
import type { HeadOptions, HeadContext, HeadResult, Padding } from "./head-options.ts";
import { jointAttention, type AttentionVectors } from "./joint-attention.ts";
import { hash, sort } from "./lsh.ts";
import { needsMask, commonOptions, dropoutKeys } from "./token-padding.ts";

export function attendLsh(
  vectors: AttentionVectors,
  options: HeadOptions,
  context: HeadContext,
  padding: Padding,
  savedBuckets: Value | null,
  originalLength: number,
): HeadResult {
  const { conventions } = options;
  const [groups] = vectors.q.shape;
  const sizes = bucketSizes(options, originalLength);
  const numBuckets = bucketCount(sizes);
  const hashable = options.centred
    ? deviations(vectors.q, padding.valid, options.causal)
    : vectors.q;
  const hashed = savedBuckets ?? hashTokens(hashable, context, sizes, padding.valid, numBuckets);
  const { order, inverse } = sort(hashed, numBuckets + 1);
  const out = jointAttention(
    vectors,
    {
      order,
      inverse,
      buckets: hashed,
      valid: padding.valid,
      dropoutKey: dropoutKeys(context.dropoutKey, groups),
    },
    {
      ...commonOptions(options, needsMask(options, padding), padding.scale),
      chunkLength: options.chunkLength,
      before: options.before,
      after: options.after,
      sameBucket: conventions.sameBucket,
      // In a single round every pair meets once.
      duplicates: conventions.duplicates && !conventions.circular && hashed.shape[1] > 1,
      circular: conventions.circular,
      selfMask: conventions.selfMask,
    },
  );
  const statistics = hashStatistics({
    buckets: hashed,
    inverse,
    valid: padding.valid,
    numBuckets,
    chunkLength: options.chunkLength,
    before: options.before,
    after: options.after,
    causal: options.causal,
  });
  return { out, buckets: hashed, statistics };
}

/** Buckets with every padding token in one of its own, behind all others. */
function hashTokens(
  q: Value,
  { rotations, bucketShuffle, buckets: given }: HeadContext,
  sizes: readonly number[],
  valid: Value,
  numBuckets: number,
): Value {
  const buckets = given ? padBuckets(given, valid.shape[1]) : angularHash(q, rotations, sizes);
  const isValid = notEqual(valid, 0);
  return where(
    broadcastInDim(isValid, buckets.shape, [0, 2]),
    bucketShuffle ? shuffleTokens(buckets, bucketShuffle) : buckets,
    fullLike(buckets, numBuckets),
  );
}

function angularHash(q: Value, rotations: Value | null, sizes: readonly number[]): Value {
  if (!rotations) throw new ReformaxError("lsh attention needs rotations", { where: "attention" });
  return hash(stopGradient(q), stopGradient(rotations), sizes);
}

/** i32[N, rounds, L] up to the padded length; what stands behind is no token. */
const padBuckets = (given: Value, padded: number): Value =>
  given.shape[2] === padded ? given : pad(given, 0, [0, 0, 0], [0, 0, padded - given.shape[2]]);

/** buckets[n, r, p[i]] at token i; tokens behind the permutation's (padding) keep theirs. */
function shuffleTokens(buckets: Value, permutation: Value): Value {
  const [groups, rounds, length] = buckets.shape;
  const rest = slice(iota("i32", [length], 0), permutation.shape, [length]);
  const all = concatenate([permutation, rest], 0);
  return gather(buckets, broadcastInDim(all, [groups, rounds, length], [2]), 2);
}
