import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { sliceInDim } from "../../lax/index.ts";
import { rotary } from "../../nn/index.ts";
import { checkHead } from "./check-head.ts";
import { noStatistics } from "./hash-statistics.ts";
import {
  hasOwnKeys,
  type HeadContext,
  type HeadOptions,
  type HeadResult,
  type Padding,
} from "./head-options.ts";
import type { AttentionVectors, JointAttentionOptions } from "./joint-attention.ts";
import { attendLsh, headBuckets } from "./lsh-head.ts";
import { answerBlind } from "./blind-queries.ts";
import { maskedPairs } from "./masked-pairs.ts";
import { answerMasked } from "./masked-queries.ts";
import { attendPlaced } from "./placed-attention.ts";
import { padTokens, padValid, tokenOrder } from "./token-padding.ts";

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
  checkHead(vectors, options, context, savedBuckets);
  const [, length, width] = vectors.q.shape;
  const { kind, chunkLength, wholeUpTo = chunkLength } = options;
  const { queries = length } = context;
  if (kind === "local" && queries < length) {
    return attendHead(...tokensThatAsk(vectors, options, context, queries), savedBuckets);
  }
  const isWhole = kind === "full" || length <= wholeUpTo;
  const k = hasOwnKeys(options) ? requireKey(vectors.k, kind) : null;
  const padded = isWhole ? length : Math.ceil(length / chunkLength) * chunkLength;
  const pad = (x: Value): Value => padTokens(x, padded);
  const valid = padValid(context.valid, vectors.q, padded);
  const padding: Padding = {
    valid,
    queries,
    length,
    padded,
    scale: logitScale(options, width),
    original: context.valid !== null,
    pairs: context.pairs ? maskedPairs(context.pairs, valid) : null,
  };
  const operands = { q: pad(vectors.q), k: k && pad(k), v: pad(vectors.v) };
  const result = attendPadded(
    isWhole ? "whole" : kind,
    operands,
    options,
    context,
    padding,
    savedBuckets,
  );
  const out = answerMasked(result.out, vectors.v, context.valid, options.maskedQueries);
  return { ...result, out };
}

function attendPadded(
  kind: "whole" | HeadOptions["kind"],
  operands: AttentionVectors,
  options: HeadOptions,
  context: HeadContext,
  padding: Padding,
  savedBuckets: Value | null,
): HeadResult {
  const turn = (x: Value): Value => (context.rotary ? rotary(x, context.rotary) : x);
  const turned = { q: turn(operands.q), k: operands.k && turn(operands.k), v: operands.v };
  if (kind === "lsh") {
    const hashed = savedBuckets ?? headBuckets(operands.q, options, context, padding);
    return attendLsh(turned, hashed, options, context, padding);
  }
  const placed =
    kind === "local" ? inWindows(options, padding.padded) : asOne(options, padding.padded);
  const order = tokenOrder(operands.q.shape[0], padding.padded);
  const slots = { order, inverse: order, buckets: order };
  const out = attendPlaced(turned, { slots, choices: placed }, options, context, padding);
  const around = { ...placed, circular: kind === "local" && options.conventions.circular };
  return {
    out: answerBlind(out, operands.v, { slots, choices: around }, options, padding),
    buckets: null,
    statistics: noStatistics(),
  };
}

/** The same for the tokens that ask alone: windows do not lead to the other keys. */
function tokensThatAsk(
  { q, k, v }: AttentionVectors,
  options: HeadOptions,
  context: HeadContext,
  queries: number,
): [AttentionVectors, HeadOptions, HeadContext] {
  const upTo = (x: Value, axis: number): Value =>
    x.shape[axis] > queries ? sliceInDim(x, 0, queries, axis) : x;
  const first = (x: Value): Value => upTo(x, 1);
  const { valid, pairs = null, rotary: waves = null } = context;
  return [
    { q: first(q), k: k && first(k), v: first(v) },
    options,
    {
      ...context,
      valid: valid && first(valid),
      pairs: pairs && upTo(first(pairs), 2),
      rotary: waves && upTo(waves, 0),
      queries,
    },
  ];
}

function requireKey(k: Value | null, kind: HeadOptions["kind"]): Value {
  if (k) return k;
  throw new ReformaxError(`${kind} attention with separate keys needs keys of its own`, {
    where: "attendHead",
    expected: "vectors.k, f32[N, L, d]",
    got: "none",
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
const asOne = (options: HeadOptions, length: number): Partial<JointAttentionOptions> => ({
  chunkLength: Math.max(1, length),
  selfMask: selfMaskOf(options),
});

const inWindows = (options: HeadOptions, length: number): Partial<JointAttentionOptions> => ({
  before: options.before,
  after: options.after,
  circular: options.conventions.circular && !wrapsIntoFuture(options, length),
  selfMask: selfMaskOf(options),
});

/** Keys of their own are others than the queries, also at the same place. */
const selfMaskOf = (options: HeadOptions): number | null =>
  hasOwnKeys(options) ? null : options.conventions.selfMask;

/** Causally, keys to which one look back around the ring leads all lie in the future: leaving them out changes nothing. */
const wrapsIntoFuture = (
  { causal, before, after, chunkLength }: HeadOptions,
  length: number,
): boolean => causal && after === 0 && before < length / chunkLength;
