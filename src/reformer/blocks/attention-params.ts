import type { Value } from "../../core/value.ts";
import type { NormParams } from "./norm.ts";
import type { GainParams, KeptContext } from "./weighted-block.ts";

/** Parameters of an attention half-block: the norm, and stacked per head (leading axis) the projections. */
export interface AttentionParams {
  readonly shared: GainParams & {
    readonly norm: NormParams;
    /** f32[d, width]: the values of all heads, instead of a projection for each. */
    readonly value?: Value;
    /** f32[memory, d]: keys and values that all tokens may see, as if they were rows behind the text that nobody normalises. */
    readonly memory?: Value;
    /** f32[d], added to the sum of the heads. */
    readonly bias?: Value;
  };
  readonly parts: HeadParams;
}

export interface HeadParams {
  /** f32[d, width]; queries, and keys too where they are shared. */
  readonly query: Value;
  /** f32[d, width]; where keys are not queries. */
  readonly key?: Value;
  /** f32[d, width]; absent where all heads share one. */
  readonly value?: Value;
  /** f32[width, d] */
  readonly output: Value;
}

/** What belongs to one attention half-block, stacked per head along the leading axis. */
export interface AttentionContext extends KeptContext {
  /** f32[heads, G, width, rounds, half]; null unless lsh that hashes. */
  readonly rotations: Value | null;
  /** u32[heads, 2]; null without dropout. */
  readonly dropoutKey: Value | null;
  /** u32[heads, 2], the same key for every head: a feature is dropped from the sum of heads. */
  readonly outputKey: Value | null;
  /** i32[heads, L]; null but for an ablation. */
  readonly bucketShuffle: Value | null;
  /** i32[heads, B, rounds, L]: buckets to use instead of hashing; absent or null where tokens are hashed. */
  readonly buckets?: Value | null;
  /** u32[heads, 2]; only with dropout before hashing. */
  readonly hashKey?: Value | null;
  /** i32[heads], the heads' numbers; only where they are not all alike, or have a bias. */
  readonly head?: Value | null;
}

/** Read by all layers. */
export interface SharedContext {
  /** 1 for real tokens, i32[B, L]; null when all are. */
  readonly valid: Value | null;
  /** i32[B, L, L], 1 where token i may see token j, beside all other masks; as large as it is, for short texts. */
  readonly pairs?: Value | null;
  /** f32[B, S, d], rows of another text that are keys and values of every layer; differentiable. */
  readonly keys?: Value | null;
  /** i32[B, S], 1 where these are real. */
  readonly keysValid?: Value | null;
}
