import type { Value } from "../../core/value.ts";
import type { HashBuckets } from "./hash-buckets.ts";
import type { Mode } from "./layers.ts";

export interface PassOptions {
  readonly mode?: Mode;
  /** Hash rounds; those of the configuration when absent. */
  readonly rounds?: number;
  /** 1 for real tokens, i32[B, L]; padding anywhere never changes a result at a real token. */
  readonly valid?: Value | null;
  /** i32[B, L, L], 1 where token i may see token j, beside all other masks; for texts that are short enough for it. */
  readonly pairs?: Value | null;
  /**
   * Rows of another text, f32[B, S, width], that are keys and values of every token in all layers but the local ones: an encoder's
   * result, which lsh layers hash with the text. `keysValid` i32[B, S] is 1 where they are real.
   */
  readonly keys?: Value | null;
  readonly keysValid?: Value | null;
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
