import type { Value } from "../../core/value.ts";
import type { ChunkedAttentionParams } from "../../ir/attention.ts";
// The kernels of attention are operations that numpy has no name for.
import * as ops from "../../ir/ops.ts";

/** Who may attend to whom, in token indices; see {@link chunkedAttention}. */
export interface AttentionInfo {
  /** Token at each slot of each round, i32[N, R, L]. */
  readonly order: Value;
  /** Slot of each token, i32[N, R, L]. */
  readonly inverse: Value;
  /** Bucket of each token in each round, i32[N, R, L]. */
  readonly buckets: Value;
  /** 1 where a key may be attended to at all, i32[N, L]. */
  readonly valid: Value;
  /** Key of the dropout of each group, u32[N, 2]. */
  readonly dropoutKey: Value;
}

/** Who attends to whom in chunks of sorted slots. */
export type ChunkedAttentionOptions = ChunkedAttentionParams;

/**
 * Attention in chunks of sorted slots: queries, keys f32[N, L, d] and values f32[N, L, e] by token to
 * outputs f32[N, R, L, e] and log partition functions f32[N, R, L], by round and token. Scores are never
 * stored; the backward pass computes them again. Excluded pairs weigh exactly 0; a token that may attend to
 * nothing gets output 0 and lse -1e30. Reverse and forward mode, vmap. Paper, sections 2 and 3.
 */
export function chunkedAttention(
  q: Value,
  k: Value,
  v: Value,
  info: AttentionInfo,
  options: ChunkedAttentionOptions,
): readonly [out: Value, lse: Value] {
  const { order, inverse, buckets, valid, dropoutKey } = info;
  const operands = [q, k, v, order, inverse, buckets, valid, dropoutKey];
  const [out, lse] = ops.bindNamed("chunkedAttention", operands, options);
  return [out, lse];
}
