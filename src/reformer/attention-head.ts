import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { chunkedAttention } from "./chunked-attention.ts";
import type { Conventions } from "./conventions.ts";
import { noStatistics } from "./hash-statistics.ts";
import type { HeadOptions, HeadContext, HeadResult, Padding, Vectors } from "./head-options.ts";
import {
  needsMask,
  commonOptions,
  tokenOrder,
  dropoutKeys,
  padTokens,
  padValid,
  trimTokens,
} from "./token-padding.ts";
import { attendLsh } from "./lsh-head.ts";

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
