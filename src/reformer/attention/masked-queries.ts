import type { Value } from "../../core/value.ts";
import { broadcastInDim, sliceInDim } from "../../lax/index.ts";
import { mean, notEqual, where } from "../../numpy/index.ts";
import type { MaskedQueries } from "./head-options.ts";

/**
 * The results out f32[N, Q, e] with those of masked tokens replaced: by their own values, or by the mean of all, v f32[N, L, e].
 * `valid` is i32[N, L].
 */
export function answerMasked(
  out: Value,
  v: Value,
  valid: Value | null,
  maskedQueries: MaskedQueries = "others",
): Value {
  if (valid === null || maskedQueries === "others" || maskedQueries === "window") return out;
  const queries = out.shape[1];
  const isReal = notEqual(sliceInDim(valid, 0, queries, 1), 0);
  const answer =
    maskedQueries === "self"
      ? sliceInDim(v, 0, queries, 1)
      : broadcastInDim(mean(v, 1), out.shape, [0, 2]);
  return where(broadcastInDim(isReal, out.shape, [0, 1]), out, answer);
}
