import type { Value } from "../../core/value.ts";
import { iota } from "../../lax/index.ts";
import { full } from "../../numpy/index.ts";
import { jointAttention } from "./joint-attention.ts";
import { dropoutKeys, padTokens, padValid, trimTokens } from "./token-padding.ts";

/** Queries of one text, and keys and values of another: f32[N, L, d], f32[N, S, d], f32[N, S, e]. */
export interface CrossVectors {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
}

export interface CrossOptions {
  /** 1 where a token of the other text is real, i32[N, S]; null when all are. */
  readonly valid: Value | null;
  /** Share of weights that dropout keeps; null without. */
  readonly keepProbability: number | null;
  /** u32[2]; only with dropout. */
  readonly dropoutKey: Value | null;
}

/**
 * Full attention of one text's tokens to another text, f32[N, L, e]: logits are q . k / sqrt(d). Both are padded to the longer one of
 * them for the kernel of attention in one chunk, so that the weights, L x S, are never stored. Where no token of the other text
 * is real the result means nothing.
 */
export function crossAttention({ q, k, v }: CrossVectors, options: CrossOptions): Value {
  const [groups, length, width] = q.shape;
  const source = k.shape[1];
  const chunkLength = Math.max(length, source);
  const order = iota("i32", [groups, 1, chunkLength], 2);
  const valid = options.valid ?? full([groups, source], 1, "i32");
  const out = jointAttention(
    { q: padTokens(q, chunkLength), k: padTokens(k, chunkLength), v: padTokens(v, chunkLength) },
    {
      order,
      inverse: order,
      buckets: order,
      valid: padValid(valid, k, chunkLength),
      dropoutKey: dropoutKeys(options.dropoutKey, groups),
    },
    {
      chunkLength,
      before: 0,
      after: 0,
      causal: false,
      sameBucket: false,
      selfMask: null,
      duplicates: false,
      circular: false,
      masked: options.valid !== null || source < chunkLength,
      scale: 1 / Math.sqrt(width),
      keepProbability: options.keepProbability,
      unitKeys: null,
    },
  );
  return trimTokens(out, length);
}
