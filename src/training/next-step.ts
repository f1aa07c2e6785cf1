import type { Tensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import type { ReaderStep } from "../generation/predictor.ts";
import type { Decoded } from "../reformer/decode/decode.ts";
import { reorder, type ReadCache } from "../reformer/decode/sequences.ts";
import type { ReformerConfig } from "../reformer/models/config.ts";
import type { ReformerParams } from "../reformer/models/params.ts";
import { jit } from "../transforms/index.ts";
import { concreteTree } from "./concrete-tree.ts";
import { streamHealth } from "./step-metrics.ts";

/** What is read of texts, as generation asks for it. */
export const readerStep = <Cache>({ cache, logits, health }: Decoded<Cache>) => ({
  cache,
  logits,
  health: streamHealth(health),
});

export type NextStep<Cache> = (
  params: ReformerParams,
  cache: Cache,
  token: Tensor,
  rows?: Tensor,
) => ReaderStep<Cache>;

/** How a token is read: `decoding.next`, or that of HuggingFace. */
export type ReadToken<Cache> = (
  config: ReformerConfig,
  params: ReformerParams,
  cache: Cache,
  token: Value,
) => Decoded<Cache>;

/**
 * Reads one more token of each text, i32[n], compiled: in place where all of them go on, and in new arrays where `rows` i32[n] says which
 * ones do.
 */
export function nextStep<Cache extends ReadCache>(
  config: ReformerConfig,
  next: ReadToken<Cache>,
): NextStep<Cache> {
  const inPlace = jit(
    (params: ReformerParams, cache: Cache, token: Value) =>
      readerStep(next(config, params, cache, token)),
    { donateArgnums: [1], overwrite: true, name: "readNext" },
  );
  const chosen = jit(
    (params: ReformerParams, cache: Cache, token: Value, rows: Value) =>
      readerStep(next(config, params, reorder(cache, rows), token)),
    { donateArgnums: [1], name: "readOn" },
  );
  return (params, cache, token, rows) =>
    concreteTree(rows ? chosen(params, cache, token, rows) : inPlace(params, cache, token));
}
