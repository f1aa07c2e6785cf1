import type { Value } from "../../core/value.ts";
import type { HashBuckets } from "./hash-buckets.ts";
import type { Mode } from "./layers.ts";

export interface PassOptions {
  readonly mode?: Mode;
  /** Hash rounds; those of the configuration when absent. */
  readonly rounds?: number;
  /** 1 for real tokens, i32[B, L]; padding anywhere never changes a result at a real token. */
  readonly valid?: Value | null;
  /** Takes something away, to see what it is worth. */
  readonly ablation?: Ablation;
  /** Buckets to use instead of hashing, as another pass gave them. */
  readonly buckets?: HashBuckets;
}

/**
 * What an ablation takes away: the output of all lsh or all local attention layers, or the meaning of the lsh
 * layers' buckets (every token gets another one's).
 */
export type Ablation = "lsh-output" | "local-output" | "lsh-buckets";
