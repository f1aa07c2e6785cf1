import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { automaticBuckets, bucketCount } from "./buckets.ts";
import { chunkedAttention, type ChunkedAttentionOptions } from "./chunked-attention.ts";
import type { Conventions } from "./conventions.ts";
import { hashStatistics, noStatistics, type HashStatistics } from "./hash-statistics.ts";
import { combine, hash, sort } from "./lsh.ts";

export type AttentionKind = "lsh" | "local" | "full";

/** One head's way to attend. */
export interface HeadOptions {
  readonly kind: AttentionKind;
  readonly causal: boolean;
  readonly chunkLength: number;
  readonly before: number;
  readonly after: number;
  /** Bucket factors of lsh, or `auto`: from length and chunk length. */
  readonly buckets: readonly number[] | "auto";
  readonly keepProbability: number | null;
  readonly conventions: Conventions;
}

/** What a head reads besides vectors. */
export interface HeadContext {
  /** 1 where a token is real, i32[N, L]; null when all are. */
  readonly valid: Value | null;
  /** f32[G, width, rounds, half]; only lsh layers read it. */
  readonly rotations: Value | null;
  /** u32[2]; only with dropout. */
  readonly dropoutKey: Value | null;
  /** i32[L], a permutation of the tokens: token i gets the bucket of token p[i]. For ablations only. */
  readonly bucketShuffle?: Value | null;
}

export interface HeadResult {
  /** f32[N, L, e] */
  readonly out: Value;
  /** i32[N, rounds, padded L]; null where nothing was hashed. */
  readonly buckets: Value | null;
  readonly statistics: HashStatistics;
}

/**
 * Attention of one head over any length: pads to whole chunks inside, so that padding never changes a result.
 * q, k f32[N, L, d], v f32[N, L, e]. For lsh and full attention k is ignored: keys are the queries at unit length.
 *
 * @param savedBuckets - buckets of an earlier call, used instead of hashing
 */
export function attendHead(
  vectors: { readonly q: Value; readonly k: Value | null; readonly v: Value },
  options: HeadOptions,
  context: HeadContext,
  savedBuckets: Value | null,
): HeadResult {
  const { q, v } = vectors;
  const length = q.shape[1];
  const { kind, chunkLength } = options;
  const single = kind === "full" || length <= chunkLength;
  const key = kind === "local" ? requireKey(vectors.k) : unitKeys(q, options.conventions);
  const scale = logitScale(options, q.shape[2]);
  if (single) {
    return {
      out: attendWhole(q, key, v, options, context, scale),
      buckets: null,
      statistics: noStatistics(),
    };
  }
  const padded = Math.ceil(length / chunkLength) * chunkLength;
  const pad = (x: Value): Value => padTokens(x, padded);
  const shared = {
    valid: padValid(context.valid, q, padded),
    padded,
    scale,
    original: context.valid !== null,
  };
  const operands = { q: pad(q), k: pad(key), v: pad(v) };
  const { out, buckets, statistics } =
    kind === "local"
      ? {
          out: attendLocal(operands, options, context, shared),
          buckets: null,
          statistics: noStatistics(),
        }
      : attendLsh(operands, options, context, shared, savedBuckets, length);
  return { out: trimTokens(out, length), buckets, statistics };
}

interface Padding {
  readonly valid: Value;
  readonly padded: number;
  readonly scale: number;
  /** The caller gave a mask of its own. */
  readonly original: boolean;
}

interface Vectors {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
}

function requireKey(k: Value | null): Value {
  if (k) return k;
  throw new ReformaxError("local attention needs keys of its own", {
    where: "attention",
    fix: "Give a key projection.",
  });
}

/** Logits are scale * (q . k) with k at unit length (shared) or as projected (local: width^-1/2). */
function logitScale({ kind, conventions }: HeadOptions, width: number): number {
  const inverseSqrt = 1 / Math.sqrt(width);
  if (kind === "local") return inverseSqrt;
  return conventions.logitScale === "unit" ? 1 : inverseSqrt;
}

/** q / (|q| with epsilon): q * rsqrt(mean(q^2) + epsilon) / sqrt(width), as trax and HuggingFace write it. */
export function unitKeys(q: Value, { keyEpsilon }: Pick<Conventions, "keyEpsilon">): Value {
  const width = q.shape[q.shape.length - 1];
  const last = q.shape.length - 1;
  const meanSquare = ops.scale(ops.reduceSum(ops.mul(q, q), [last]), 1 / width);
  const root = ops.sqrt(ops.add(meanSquare, ops.fullLike(meanSquare, keyEpsilon)));
  const norm = ops.scale(root, Math.sqrt(width));
  return ops.div(
    q,
    ops.broadcastInDim(
      norm,
      q.shape,
      q.shape.slice(0, last).map((_, axis) => axis),
    ),
  );
}

/** Every token sees every other (causally): one chunk of the whole length. */
function attendWhole(
  q: Value,
  k: Value,
  v: Value,
  options: HeadOptions,
  context: HeadContext,
  scale: number,
): Value {
  const [groups, length] = q.shape;
  const valid = context.valid ?? ops.full([groups, length], 1, "i32");
  const order = tokenOrder(groups, length);
  const [out] = chunkedAttention(
    q,
    k,
    v,
    {
      order,
      inverse: order,
      buckets: order,
      valid,
      dropoutKey: dropoutKeys(context.dropoutKey, groups),
    },
    {
      ...commonOptions(options, context.valid !== null, scale),
      chunkLength: Math.max(1, length),
      before: 0,
      after: 0,
      selfMask: options.kind === "local" ? null : options.conventions.selfMask,
    },
  );
  return ops.reshape(out, [groups, length, v.shape[2]]);
}

function attendLocal(
  vectors: Vectors,
  options: HeadOptions,
  context: HeadContext,
  padding: Padding,
): Value {
  const [groups, length] = vectors.q.shape;
  const order = tokenOrder(groups, length);
  const [out] = chunkedAttention(
    vectors.q,
    vectors.k,
    vectors.v,
    {
      order,
      inverse: order,
      buckets: order,
      valid: padding.valid,
      dropoutKey: dropoutKeys(context.dropoutKey, groups),
    },
    {
      ...commonOptions(options, needsMask(options, padding), padding.scale),
      chunkLength: options.chunkLength,
      before: options.before,
      after: options.after,
      circular: options.conventions.circular && !wrapsIntoFuture(options, length),
      selfMask: null,
    },
  );
  return ops.reshape(out, [groups, length, vectors.v.shape[2]]);
}

/** Causally, keys to which one look back around the ring leads all lie in the future: leaving them out changes nothing. */
const wrapsIntoFuture = (
  { causal, before, after, chunkLength }: HeadOptions,
  length: number,
): boolean => causal && after === 0 && before < length / chunkLength;

function attendLsh(
  vectors: Vectors,
  options: HeadOptions,
  context: HeadContext,
  padding: Padding,
  savedBuckets: Value | null,
  originalLength: number,
): HeadResult {
  const { conventions } = options;
  const [groups, length] = vectors.q.shape;
  const sizes = bucketSizes(options, originalLength);
  const numBuckets = bucketCount(sizes);
  const hashed = savedBuckets ?? hashTokens(vectors.q, context, sizes, padding.valid, numBuckets);
  const { order, inverse } = sort(hashed, numBuckets + 1);
  const [outs, lse] = chunkedAttention(
    vectors.q,
    vectors.k,
    vectors.v,
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
      duplicates: conventions.duplicates && !conventions.circular,
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
  });
  return {
    out: ops.reshape(combine(outs, lse), [groups, length, vectors.v.shape[2]]),
    buckets: hashed,
    statistics,
  };
}

/** The factors for a length: as configured, or from the rule. */
export const bucketSizes = (options: HeadOptions, length: number): readonly number[] =>
  options.buckets === "auto"
    ? automaticBuckets(length, options.chunkLength, options.conventions.bucketsPerChunk)
    : options.buckets;

/** Buckets with every padding token in one of its own, behind all others. */
function hashTokens(
  q: Value,
  { rotations, bucketShuffle }: HeadContext,
  sizes: readonly number[],
  valid: Value,
  numBuckets: number,
): Value {
  if (!rotations) throw new ReformaxError("lsh attention needs rotations", { where: "attention" });
  const buckets = hash(ops.stopGradient(q), ops.stopGradient(rotations), sizes);
  const isValid = ops.ne(valid, ops.zerosLike(valid));
  return ops.select(
    ops.broadcastInDim(isValid, buckets.shape, [0, 2]),
    bucketShuffle ? shuffleTokens(buckets, bucketShuffle) : buckets,
    ops.fullLike(buckets, numBuckets),
  );
}

/** buckets[n, r, p[i]] at token i; tokens behind the permutation's (padding) keep theirs. */
function shuffleTokens(buckets: Value, permutation: Value): Value {
  const [groups, rounds, length] = buckets.shape;
  const rest = ops.slice(ops.iota("i32", [length], 0), permutation.shape, [length]);
  const all = ops.concatenate([permutation, rest], 0);
  return ops.gather(buckets, ops.broadcastInDim(all, [groups, rounds, length], [2]), 2);
}

/** Padding at the end lies in the future of every token: causal attention needs no mask for it. */
const needsMask = (options: HeadOptions, { original }: Padding): boolean =>
  original || !options.causal;

function commonOptions(
  options: HeadOptions,
  masked: boolean,
  scale: number,
): ChunkedAttentionOptions {
  return {
    chunkLength: options.chunkLength,
    before: 0,
    after: 0,
    causal: options.causal,
    sameBucket: false,
    selfMask: null,
    duplicates: false,
    circular: false,
    masked,
    scale,
    keepProbability: options.keepProbability,
  };
}

const tokenOrder = (groups: number, length: number): Value =>
  ops.iota("i32", [groups, 1, length], 2);

/** One key per group, from one key: group n uses the key's words with n added to the second. */
function dropoutKeys(key: Value | null, groups: number): Value {
  if (!key) return ops.full([groups, 2], 0, "u32");
  const spread = ops.broadcastInDim(key, [groups, 2], [1]);
  const group = ops.mul(ops.iota("u32", [groups, 2], 0), ops.iota("u32", [groups, 2], 1));
  return ops.add(spread, group);
}

/** Zeros behind the last token up to `padded` tokens. */
function padTokens(x: Value, padded: number): Value {
  const [, length] = x.shape;
  if (length === padded) return x;
  return ops.pad(x, ops.literal(0, x.dtype), [0, 0, 0], [0, padded - length, 0]);
}

function padValid(valid: Value | null, q: Value, padded: number): Value {
  const [groups, length] = q.shape;
  const given = valid ?? ops.full([groups, length], 1, "i32");
  if (length === padded) return given;
  return ops.pad(given, ops.literal(0, "i32"), [0, 0], [0, padded - length]);
}

function trimTokens(x: Value, length: number): Value {
  const [groups, padded, width] = x.shape;
  return padded === length ? x : ops.slice(x, [0, 0, 0], [groups, length, width]);
}
