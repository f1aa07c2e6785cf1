import type { Value } from "../../core/value.ts";
import type { Conventions } from "./conventions.ts";
import type { HashStatistics } from "./hash-statistics.ts";

export type AttentionKind = "lsh" | "local" | "full";

/** Whether keys are queries (`shared`, as hashing needs it) or vectors of their own. */
export type QueryKey = "shared" | "separate";

/** Whether heads of these options read keys of their own. */
export const hasOwnKeys = ({ kind, queryKey }: Pick<HeadOptions, "kind" | "queryKey">): boolean =>
  kind === "local" || (kind === "full" && queryKey === "separate");

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
  /** Whether lsh hashes what queries differ by from their mean instead of the queries: the running mean if causal. */
  readonly centred?: boolean;
  readonly keepProbability: number | null;
  readonly conventions: Conventions;
}

/** What a head reads besides vectors. */
export interface HeadContext {
  /** 1 where a token is real, i32[N, L]; null when all are. */
  readonly valid: Value | null;
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
  /** f32[N, L, e] */
  readonly out: Value;
  /** i32[N, rounds, padded L]; null where nothing was hashed. */
  readonly buckets: Value | null;
  readonly statistics: HashStatistics;
}
export interface Padding {
  readonly valid: Value;
  readonly padded: number;
  readonly scale: number;
  /** The caller gave a mask of its own. */
  readonly original: boolean;
}
