import type { Value } from "../../../core/value.ts";
import type { Health } from "../../stack/reversible.ts";
import type { PassOptions } from "../pass-options.ts";

/** How an encoder-decoder runs. */
export interface TextOptions extends Pick<PassOptions, "mode" | "rounds"> {
  /** 1 for real tokens of the source, i32[B, S]; padding anywhere never changes a result. */
  readonly sourceValid?: Value | null;
  /** 1 for real tokens of the target, i32[B, L]. */
  readonly valid?: Value | null;
}

/** A source text as the decoder reads it. */
export interface Encoded {
  /** f32[B, S, width] */
  readonly source: Value;
  /** i32[B, S]; null when all tokens are real. */
  readonly sourceValid: Value | null;
  readonly health: Health;
}
