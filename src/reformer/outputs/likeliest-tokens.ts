import type { Value } from "../../core/value.ts";
import { argmax, reshape } from "../../numpy/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import { allRows, flattenRows, scanRows } from "../row-chunks.ts";
import type { Streams } from "../stack/reversible.ts";
import { rowLogits, type OutputInputs } from "./next-token.ts";

/** The token with the highest logit at each position, i32[B, L] (the lowest of equals), chunk by chunk. Without derivative. */
export function likeliestTokens(
  config: ReformerConfig,
  params: OutputInputs,
  { first, second }: Streams,
): Value {
  const [, tokens] = scanRows<null, readonly [Value, Value], Value>(
    (_, [x, y]) => [null, argmax(rowLogits(config, params, x, y), 1)],
    null,
    [flattenRows(first), flattenRows(second)],
    { chunk: config.lossChunk ?? allRows },
  );
  return reshape(tokens, first.shape.slice(0, 2));
}
