import { checkKind } from "../../core/arguments.ts";
import type { Value } from "../../core/value.ts";
import { broadcastTo, eye } from "../../numpy/index.ts";
import { attendHead } from "./attention-head.ts";
import { checkHead } from "./check-head.ts";
import type { HeadContext, HeadOptions } from "./head-options.ts";
import type { AttentionVectors } from "./joint-attention.ts";

/**
 * The weights with which a head attends, f32[N, queries, L]: row i holds what each token is worth to token i, over all rounds, without
 * dropout; rows add up to 1. They are what the head makes of values that name their token, and as large as the square of the
 * length: for a look at short sequences, nothing that models need.
 *
 * @param savedBuckets - buckets of an earlier call, used instead of hashing
 * @example
 * import { attentionWeights, conventions } from "reformax/reformer";
 * import { array } from "reformax/numpy";
 * const q = array([[[1, 0], [1, 0], [0, 1]]]);
 * const options = { kind: "full", causal: true, chunkLength: 64, before: 0, after: 0 } as const;
 * const rest = { buckets: "auto", keepProbability: null, conventions: conventions.paper } as const;
 * const context = { valid: null, rotations: null, dropoutKey: null };
 * const weights = attentionWeights({ q, k: null }, { ...options, ...rest }, context);
 * console.log(weights.toArray()); // => [ [ [ 1, 0, 0 ], [ 1, 0, 0 ], [ 0.5, 0.5, 0 ] ] ]
 */
export function attentionWeights(
  vectors: Pick<AttentionVectors, "q" | "k">,
  options: HeadOptions,
  context: HeadContext,
  savedBuckets: Value | null = null,
): Value {
  const where = "attentionWeights";
  const { q, k } = checkKind(vectors, "object", "vectors", where);
  checkHead({ q, k, v: q }, options, context, savedBuckets, where);
  const [groups, length] = q.shape;
  const names = broadcastTo(eye(length), [groups, length, length]);
  const whole = { ...context, dropoutKey: null };
  return attendHead({ q, k, v: names }, { ...options, keepProbability: null }, whole, savedBuckets)
    .out;
}
