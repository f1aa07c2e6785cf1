import type { Value } from "../../core/value.ts";
// The kernels of attention are operations that numpy has no name for.
import * as ops from "../../ir/ops.ts";
import type { AttentionInfo, ChunkedAttentionOptions } from "./chunked-attention.ts";

export interface JointAttentionOptions extends ChunkedAttentionOptions {
  /**
   * A number: queries are keys too, at unit length, with this epsilon beside their mean square. Null: keys are vectors of
   * their own.
   */
  readonly unitKeys: number | null;
}

/** f32[N, L, d], the same, and f32[N, L, e]; `k` is null exactly with unit keys. */
export interface AttentionVectors {
  readonly q: Value;
  readonly k: Value | null;
  readonly v: Value;
}

/**
 * Attention in chunks of sorted slots with one softmax over the keys of all rounds, f32[N, L, e]: what `chunked`, unit keys and
 * `lsh.combine` give, but the rounds are added up one after another, so that nothing of their number is stored, in
 * neither direction. Reverse and forward mode, vmap. Paper, sections 2 and 3.
 *
 * @throws ShapeError when the operands do not fit
 */
export function jointAttention(
  { q, k, v }: AttentionVectors,
  info: AttentionInfo,
  options: JointAttentionOptions,
): Value {
  const { order, inverse, buckets, valid, dropoutKey } = info;
  const vectors = k ? [q, k, v] : [q, v];
  const indices = [order, inverse, buckets, valid, dropoutKey];
  return ops.bindNamed("jointAttention", [...vectors, ...indices], options)[0];
}
