import type { DeepPartial } from "../../src/edge/deep-partial.ts";
import { reformerConfig, type ReformerConfig } from "../../src/reformer/index.ts";
import type { Size } from "../frame/experiment.ts";
import type { CopyShape } from "./sequences.ts";

/** With how many rounds a model hashes, or `full` where it attends to everything. */
export type Attention = "full" | 1 | 2 | 4 | 8;

export const nameOf = (attention: Attention): string =>
  attention === "full" ? "full" : `LSH-${attention}`;

/** What models are trained with, and what they are evaluated with: rows and columns of the paper's table 2. */
export const trainedWith: readonly Attention[] = ["full", 4, 2, 1];
export const evaluatedWith: readonly Attention[] = ["full", 8, 4, 2, 1];

/** What decides the numbers. */
export interface CopySettings extends CopyShape {
  readonly chunk: number;
  readonly width: number;
  readonly batch: number;
  readonly rate: number;
  readonly warmup: number;
  /** Training ends here, or when `solved` is reached. */
  readonly mostSteps: number;
  /** Steps from one look at the accuracy to the next. */
  readonly lookEvery: number;
  /** Accuracy with the model's own attention, on sequences that are in neither the training nor the evaluation, at which training ends. */
  readonly solved: number;
  /** Sequences of an evaluation. */
  readonly evaluated: number;
}

const small: CopySettings = {
  length: 64,
  symbols: 32,
  chunk: 16,
  width: 64,
  batch: 32,
  rate: 3e-3,
  warmup: 100,
  mostSteps: 1500,
  lookEvery: 50,
  solved: 0.999,
  evaluated: 128,
};

/** By size; the full size is measured at two lengths, one after the other. */
export const settingsOf: Readonly<Record<Size, readonly CopySettings[]>> = {
  smallest: [
    {
      ...small,
      length: 16,
      symbols: 4,
      chunk: 4,
      width: 16,
      mostSteps: 4,
      lookEvery: 2,
      evaluated: 32,
    },
  ],
  default: [small],
  full: [
    { ...small, length: 128, symbols: 127, mostSteps: 4000 },
    {
      ...small,
      length: 1024,
      symbols: 127,
      chunk: 64,
      width: 256,
      batch: 8,
      rate: 1e-3,
      mostSteps: 150_000,
      lookEvery: 500,
    },
  ],
};

/**
 * One layer, as in the paper; its parameters are the same for every kind of attention. Positions are learned: axial ones do not
 * learn to point half a sequence back.
 */
export const modelOf = (
  { length, symbols, chunk, width }: CopySettings,
  attention: Attention,
  changes: DeepPartial<ReformerConfig> = {},
): ReformerConfig =>
  reformerConfig({
    vocabulary: symbols + 1,
    width,
    heads: 2,
    headWidth: width / 2,
    feedForwardWidth: 2 * width,
    layers: [attention === "full" ? "full" : "lsh"],
    lsh: { chunk, rounds: attention === "full" ? 1 : attention, evaluationRounds: null },
    positions: { kind: "learned", length },
    feedForwardChunk: null,
    lossChunk: null,
    ...changes,
  });
