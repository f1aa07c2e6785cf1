import type { Value } from "../../core/value.ts";
import { broadcastInDim, iota, pad, slice } from "../../lax/index.ts";
import { add, full, multiply } from "../../numpy/index.ts";
import { hasOwnKeys, type HeadOptions, type Padding } from "./head-options.ts";
import type { JointAttentionOptions } from "./joint-attention.ts";

/**
 * Padding at the end lies in the future of every token: causal attention needs no mask for it, unless keys that all may see have come
 * before the queries, and padding with them.
 */
export const needsMask = (
  options: HeadOptions,
  { original, pairs, queries, length }: Padding,
): boolean => original || !options.causal || pairs !== null || queries < length;

export function commonOptions(
  options: HeadOptions,
  masked: boolean,
  scale: number,
): JointAttentionOptions {
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
    unitKeys: hasOwnKeys(options) ? null : options.conventions.keyEpsilon,
  };
}

export const tokenOrder = (groups: number, length: number): Value =>
  iota("i32", [groups, 1, length], 2);

/** One key per group, from one key: group n uses the key's words with n added to the second. */
export function dropoutKeys(key: Value | null, groups: number): Value {
  if (!key) return full([groups, 2], 0, "u32");
  const spread = broadcastInDim(key, [groups, 2], [1]);
  const group = multiply(iota("u32", [groups, 2], 0), iota("u32", [groups, 2], 1));
  return add(spread, group);
}

/** Zeros behind the last token up to `padded` tokens. */
export function padTokens(x: Value, padded: number): Value {
  const [, length] = x.shape;
  if (length === padded) return x;
  return pad(x, 0, [0, 0, 0], [0, padded - length, 0]);
}

export function padValid(valid: Value | null, q: Value, padded: number): Value {
  const [groups, length] = q.shape;
  const given = valid ?? full([groups, length], 1, "i32");
  if (length === padded) return given;
  return pad(given, 0, [0, 0], [0, padded - length]);
}

export function trimTokens(x: Value, length: number): Value {
  const [groups, padded, width] = x.shape;
  return padded === length ? x : slice(x, [0, 0, 0], [groups, length, width]);
}
