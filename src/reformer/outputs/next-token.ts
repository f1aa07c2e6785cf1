import type { Value } from "../../core/value.ts";
import { broadcastInDim } from "../../lax/index.ts";
import { add, reshape } from "../../numpy/index.ts";
import {
  softmaxCrossEntropy,
  tiedLogits,
  type CrossEntropyOptions,
  type EmbeddingParams,
  type LayerNormParams,
} from "../../nn/index.ts";
import { checkpoint } from "../../transforms/index.ts";
import { project } from "../blocks/projections.ts";
import type { ReformerConfig } from "../models/config.ts";
import type { Streams } from "../stack/reversible.ts";
import { allRows, flattenRows, scanRows } from "../row-chunks.ts";
import { mergedRows } from "./merged-rows.ts";

/** The top: norm of the merged streams and the map to logits. */
export interface OutputParams {
  readonly norm: LayerNormParams;
  /** f32[merged width, vocabulary]; absent when tied to the embedding. */
  readonly kernel?: Value;
  /** f32[vocabulary] */
  readonly bias: Value;
}

/** What logits are made with. */
export interface OutputInputs {
  readonly embedding: EmbeddingParams;
  /** Under the key that it has in a model's parameters. */
  readonly head: OutputParams;
}

/** Logits f32[rows, vocabulary] of rows of both streams. */
export function rowLogits(
  config: ReformerConfig,
  { embedding, head: output }: OutputInputs,
  first: Value,
  second: Value,
): Value {
  const normed = mergedRows(config, output.norm, first, second);
  const product = output.kernel ? project(normed, output.kernel) : tiedLogits(embedding, normed);
  return add(product, broadcastInDim(output.bias, product.shape, [1]));
}

/** Logits f32[B, L, vocabulary] of whole streams. */
export function outputLogits(
  config: ReformerConfig,
  params: OutputInputs,
  { first, second }: Streams,
): Value {
  const rows = rowLogits(config, params, flattenRows(first), flattenRows(second));
  return reshape(rows, [...first.shape.slice(0, -1), rows.shape[1]]);
}

/** Cross-entropy f32[rows] of rows of both streams and their labels i32[rows]. */
export const rowLosses = (
  config: ReformerConfig,
  params: OutputInputs,
  first: Value,
  second: Value,
  labels: Value,
  options: CrossEntropyOptions = {},
): Value => softmaxCrossEntropy(rowLogits(config, params, first, second), labels, options);

/**
 * Cross-entropy of each position, f32[B, L], in chunks of rows whose logits are computed again in the
 * backward pass: no array of length x vocabulary ever exists.
 */
export function chunkedLosses(
  config: ReformerConfig,
  params: OutputInputs,
  { first, second }: Streams,
  targets: Value,
  options: CrossEntropyOptions = {},
): Value {
  const { embedding, head } = params;
  const chunkLosses = checkpoint((inputs: OutputInputs, x: Value, y: Value, labels: Value): Value =>
    rowLosses(config, inputs, x, y, labels, options),
  );
  const [, losses] = scanRows<null, readonly [Value, Value, Value], Value>(
    (_, [x, y, labels]) => [null, chunkLosses({ embedding, head }, x, y, labels)],
    null,
    [
      flattenRows(first),
      flattenRows(second),
      reshape(targets, [targets.shape[0] * targets.shape[1]]),
    ],
    { chunk: config.lossChunk ?? allRows },
  );
  return reshape(losses, targets.shape);
}
