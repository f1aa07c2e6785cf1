import type { Value } from "../../core/value.ts";
import { add, concatenate, log } from "../../numpy/index.ts";
import { chunkedAttention, type AttentionInfo } from "./chunked-attention.ts";
import type { AttentionVectors, JointAttentionOptions } from "./joint-attention.ts";
import { combine } from "./lsh.ts";
import { unitKeys } from "./unit-keys.ts";

/** How often windows of the ring lead further than once around it: so many chunks of theirs are the query's own. */
export function chunksBeyond(options: JointAttentionOptions, info: AttentionInfo): number {
  const { before, after, circular } = options;
  const ring = ringLength(options, info);
  return circular ? Math.max(0, before - ring) + Math.max(0, after - ring) : 0;
}

/** The chunks of all rounds. */
const ringLength = (
  { chunkLength }: Pick<JointAttentionOptions, "chunkLength">,
  { order: { shape } }: AttentionInfo,
): number => (shape[1] * shape[2]) / chunkLength;

/**
 * Joint attention, f32[N, L, e], of windows that lead once around the ring at most, and `beyond` times to the query's own chunk besides:
 * so HuggingFace turns a ring further than it is long.
 */
export function attendBeyond(
  { q, k, v }: AttentionVectors,
  info: AttentionInfo,
  { unitKeys: epsilon, ...options }: JointAttentionOptions,
  beyond: number,
): Value {
  const { before, after } = options;
  const keys = k ?? unitKeys(q, { keyEpsilon: epsilon ?? 0 });
  const ring = ringLength(options, info);
  const around = { ...options, before: Math.min(before, ring), after: Math.min(after, ring) };
  const own = { ...options, before: 0, after: 0, circular: false };
  const [outs, lse] = chunkedAttention(q, keys, v, info, around);
  const [ownOuts, ownLse] = chunkedAttention(q, keys, v, info, own);
  const often = add(ownLse, log(beyond));
  return combine(concatenate([outs, ownOuts], 1), concatenate([lse, often], 1));
}
