import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { full } from "../../numpy/index.ts";
import { noStatistics } from "./hash-statistics.ts";
import {
  hasOwnKeys,
  type HeadContext,
  type HeadOptions,
  type HeadResult,
  type Padding,
} from "./head-options.ts";
import { jointAttention, type AttentionVectors } from "./joint-attention.ts";
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
 * q, k f32[N, L, d], v f32[N, L, e]. Where keys are shared k is ignored: keys are the queries at unit length.
 *
 * @param savedBuckets - buckets of an earlier call, used instead of hashing
 */
export function attendHead(
  vectors: AttentionVectors,
  options: HeadOptions,
  context: HeadContext,
  savedBuckets: Value | null,
): HeadResult {
  const { q, v } = vectors;
  const length = q.shape[1];
  const { kind, chunkLength } = options;
  const single = kind === "full" || length <= chunkLength;
  const k = hasOwnKeys(options) ? requireKey(vectors.k, kind) : null;
  const scale = logitScale(options, q.shape[2]);
  if (single) {
    return {
      out: attendWhole({ q, k, v }, options, context, scale),
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
  const operands = { q: pad(q), k: k && pad(k), v: pad(v) };
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

function requireKey(k: Value | null, kind: HeadOptions["kind"]): Value {
  if (k) return k;
  throw new ReformaxError(`${kind} attention with separate keys needs keys of its own`, {
    where: "attention",
    fix: "Give a key projection.",
  });
}

/** Logits are scale * (q . k) with k at unit length (shared) or as projected (width^-1/2). */
export function logitScale(options: HeadOptions, width: number): number {
  const inverseSqrt = 1 / Math.sqrt(width);
  if (hasOwnKeys(options)) return inverseSqrt;
  return options.conventions.logitScale === "unit" ? 1 : inverseSqrt;
}

/** Every token sees every other (causally): one chunk of the whole length. */
function attendWhole(
  vectors: AttentionVectors,
  options: HeadOptions,
  context: HeadContext,
  scale: number,
): Value {
  const [groups, length] = vectors.q.shape;
  const valid = context.valid ?? full([groups, length], 1, "i32");
  const order = tokenOrder(groups, length);
  return jointAttention(
    vectors,
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
      selfMask: hasOwnKeys(options) ? null : options.conventions.selfMask,
    },
  );
}

function attendLocal(
  vectors: AttentionVectors,
  options: HeadOptions,
  context: HeadContext,
  padding: Padding,
): Value {
  const [groups, length] = vectors.q.shape;
  const order = tokenOrder(groups, length);
  return jointAttention(
    vectors,
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
}

/** Causally, keys to which one look back around the ring leads all lie in the future: leaving them out changes nothing. */
const wrapsIntoFuture = (
  { causal, before, after, chunkLength }: HeadOptions,
  length: number,
): boolean => causal && after === 0 && before < length / chunkLength;
