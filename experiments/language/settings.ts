import type { DeepPartial } from "../../src/edge/deep-partial.ts";
import type { ReformerConfig } from "../../src/reformer/index.ts";
import { trainConfig, type TrainConfig } from "../../src/training/index.ts";
import { cosineTo } from "../frame/cosine.ts";

/** Sizes that the models of an experiment have in common; a type, so that it is JSON. */
export type LanguageSettings = {
  readonly width: number;
  readonly heads: number;
  /** Bytes of a window. */
  readonly length: number;
  /** Windows of a step. */
  readonly batch: number;
  readonly steps: number;
  readonly rate: number;
  readonly warmup: number;
  /** Of lsh layers. */
  readonly chunk: number;
  /** Steps from one look at the bytes kept back to the next. */
  readonly lookEvery: number;
  /** Bytes of a look. */
  readonly validated: number;
};

/** A model that is compared with others. */
export interface Variant {
  readonly name: string;
  readonly model: DeepPartial<ReformerConfig>;
}

/** The configuration of a variant: equal seeds see the same windows in the same order. */
export function languageConfig(
  settings: LanguageSettings,
  { model }: Variant,
  seed: number,
): TrainConfig {
  const { width, heads, length, batch, steps, rate, warmup, chunk, lookEvery, validated } =
    settings;
  const half = width / 2;
  return trainConfig({
    model: {
      width,
      heads,
      headWidth: width / heads,
      feedForwardWidth: 2 * width,
      positions: { kind: "axial", shape: [length / chunk, chunk], widths: [half, half] },
      feedForwardChunk: null,
      lossChunk: null,
      ...model,
      // Small chunks and centred hashing: what small models learn soonest with.
      lsh: { chunk, evaluationRounds: null, centred: true, ...model.lsh },
    },
    training: {
      batch,
      length,
      schedule: cosineTo(steps, rate, warmup),
      clip: 1,
      validateEvery: lookEvery,
      validateBytes: validated,
      seed,
    },
  });
}

/** A model that learns letters and words in minutes. */
export const smallText: LanguageSettings = {
  width: 128,
  heads: 4,
  length: 256,
  batch: 8,
  steps: 300,
  rate: 3e-3,
  warmup: 30,
  chunk: 16,
  lookEvery: 50,
  validated: 16_384,
};

/** Enough to see that an experiment runs. */
export const smallestText: LanguageSettings = {
  ...smallText,
  width: 16,
  heads: 2,
  length: 32,
  batch: 2,
  steps: 2,
  warmup: 1,
  chunk: 8,
  lookEvery: 1,
  validated: 64,
};
