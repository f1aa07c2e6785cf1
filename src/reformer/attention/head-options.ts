import type { Value } from "../../core/value.ts";
import type { Conventions } from "./conventions.ts";
import type { HashStatistics } from "./hash-statistics.ts";

export type AttentionKind = "lsh" | "local" | "full";

/** Whether keys are queries (`shared`, as hashing needs it) or vectors of their own. */
export type QueryKey = "shared" | "separate";

/** Whether heads of these options read keys of their own. */
export const hasOwnKeys = ({ kind, queryKey }: Pick<HeadOptions, "kind" | "queryKey">): boolean =>
  kind !== "lsh" && (queryKey ?? (kind === "local" ? "separate" : "shared")) === "separate";

/**
 * What the queries of masked tokens attend to; other tokens never see those. `others`: what real tokens may see. `self`: the token
 * itself. `mean`: everything, equally. `window`: as `others`, but a query with keys of its own that may see none sees all of its window,
 * equally. Only their own results differ: lucidrains has `self` in hashed and `mean` in full attention, HuggingFace has `window`.
 */
export type MaskedQueries = "others" | "self" | "mean" | "window";

/** One head's way to attend. */
export interface HeadOptions {
  readonly kind: AttentionKind;
  /** Whether a token attends to none after it. */
  readonly causal: boolean;
  /**
   * Whether keys are the queries at unit length, or a projection of their own. Default: `separate` for local attention, `shared` for
   * the others; lsh is always `shared`.
   */
  readonly queryKey?: QueryKey;
  readonly chunkLength: number;
  readonly before: number;
  readonly after: number;
  /** Bucket factors of lsh, or `auto`: from length and chunk length. */
  readonly buckets: readonly number[] | "auto";
  /** `auto` as HuggingFace counts: powers of two, so many at most in one factor. */
  readonly powersUpTo?: number;
  /** Whether lsh hashes what queries differ by from their mean instead of the queries: the running mean if causal. */
  readonly centred?: boolean;
  /**
   * Whether lsh hashes masked tokens as it does others. When absent or false they are in a bucket of their own, behind all others, so that
   * they take no room in the chunks of real tokens.
   */
  readonly hashMasked?: boolean;
  /**
   * So many rounds from a single rotation: the token's best buckets, the last round by the best, the one before by the second best and
   * so on. Only the first round of the rotations is used, and bucket counts are of one factor; `true` is as many rounds as the rotations
   * have. Absent or false: a rotation for each round.
   */
  readonly bestBuckets?: number | boolean;
  /** Rate at which elements of the vectors are dropped before they are hashed; needs a key in the context. */
  readonly hashDropout?: number;
  /** The longest sequence that is attended to whole instead of in chunks; a chunk when absent. */
  readonly wholeUpTo?: number;
  /** `others` when absent. */
  readonly maskedQueries?: MaskedQueries;
  readonly keepProbability: number | null;
  readonly conventions: Conventions;
}

/** What a head reads besides vectors. */
export interface HeadContext {
  /** 1 where a token is real, i32[N, L]; null when all are. */
  readonly valid: Value | null;
  /**
   * i32[N, Lq, Lk], 1 where query i may attend to key j; with fewer rows or columns than tokens the others are not restricted. Beside
   * `valid`, and whatever the mask of the head. A token with shared keys that may see no other sees itself.
   */
  readonly pairs?: Value | null;
  /**
   * The first so many tokens ask, all others are keys only: memory, or another text. Every query may see them, a causal one too; local
   * heads do not look at them. Absent: all tokens ask. The result has as many rows.
   */
  readonly queries?: number;
  /**
   * f32[P, width], waves by which `nn.rotary` turns the first P queries (and keys) after they are hashed: hashing itself knows
   * no positions.
   */
  readonly rotary?: Value | null;
  /** u32[2]; only with dropout before hashing. */
  readonly hashKey?: Value | null;
  /** f32[G, width, rounds, half]; only lsh layers without given buckets read it. */
  readonly rotations: Value | null;
  /** u32[2]; only with dropout. */
  readonly dropoutKey: Value | null;
  /** i32[L], a permutation of the tokens: token i gets the bucket of token p[i]. For ablations only. */
  readonly bucketShuffle?: Value | null;
  /** i32[N, rounds, L]: the buckets of the tokens, which are then not hashed. */
  readonly buckets?: Value | null;
}

export interface HeadResult {
  /** f32[N, queries, e] */
  readonly out: Value;
  /** i32[N, rounds, padded L], behind the queries those of other keys; null where nothing was hashed. */
  readonly buckets: Value | null;
  readonly statistics: HashStatistics;
}

/** Vectors and masks padded to whole chunks. */
export interface Padding {
  readonly valid: Value;
  /** Tokens: those that ask, all, and all with padding. */
  readonly queries: number;
  readonly length: number;
  readonly padded: number;
  readonly scale: number;
  /** The caller gave a mask of its own. */
  readonly original: boolean;
  /** Who sees whom, i32[N, padded, padded], padding left out; null without a mask of pairs. */
  readonly pairs: Value | null;
}
