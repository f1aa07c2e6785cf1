import type { Value } from "../../core/value.ts";
import { add, full, reshape, concatenate, multiply } from "../../numpy/index.ts";
import { iota } from "../../lax/index.ts";
import { conventions, type HeadOptions } from "../../reformer/index.ts";
import type { Tensor } from "../../core/tensor.ts";
import { tensorOf } from "../runner-support.ts";
import type { LocalHeads } from "../../reformer/blocks/mixed-heads.ts";
import type { ModuleOptions } from "../../interop/lucidrains/module-options.ts";

/** How a hashing head attends; bucket counts are lucidrains': as many as chunks. */
export function lshOptions(options: ModuleOptions, hashes: number): HeadOptions {
  const across = options.flag("attend_across_buckets", true);
  const twice = options.flag("allow_duplicate_attention", true);
  const rehash = options.flag("rehash_each_round", true);
  return {
    kind: "lsh",
    causal: options.flag("causal", false),
    chunkLength: options.number("bucket_size", 64),
    before: 1,
    after: 0,
    buckets: "auto",
    wholeUpTo: 0,
    hashMasked: true,
    maskedQueries: "self",
    ...(!rehash && { bestBuckets: options.number("n_hashes", hashes) }),
    keepProbability: null,
    conventions: {
      ...conventions.lucidrains,
      sameBucket: !across,
      duplicates: twice ? false : "sameRound",
    },
  };
}

/** How heads of full attention attend. */
export const fullOptions = (options: ModuleOptions): HeadOptions => ({
  ...lshOptions(options, 1),
  kind: "full",
  maskedQueries: "mean",
});

/** Heads of a layer that attend locally: windows of two buckets, and one of them back, unless causal ahead too. */
export const localHeadsOf = (options: ModuleOptions): LocalHeads | undefined => {
  const heads = options.number("n_local_attn_heads", 0);
  if (heads === 0) return undefined;
  return {
    heads,
    chunkLength: 2 * options.number("bucket_size", 64),
    before: 1,
    after: options.flag("causal", false) ? 0 : 1,
    queryKey: "shared",
  };
};

/** i32[N, R, L] as [N, R * L] with the offset of each round. */
export function listedBuckets(buckets: Value, numBuckets: number): Tensor {
  const [groups, rounds, length] = buckets.shape;
  const offsets = multiply(iota("i32", buckets.shape, 1), full(buckets.shape, numBuckets, "i32"));
  return tensorOf(reshape(add(buckets, offsets), [groups, rounds * length]));
}

/** A mask i32[N, up to L] with 1 for what it does not cover; null without one. */
export function completeMask(mask: Tensor | undefined, length: number): Value | null {
  if (mask === undefined) return null;
  const [groups, covered] = mask.shape;
  if (covered === length) return mask;
  return concatenate([mask, full([groups, length - covered], 1, "i32")], 1);
}
