import { taskConfig, type TranslateConfig } from "../../src/training/index.ts";
import type { Reversibility } from "../../src/reformer/index.ts";
import { cosineTo } from "../frame/cosine.ts";
import type { DataSource } from "../frame/data.ts";
import type { Size } from "../frame/experiment.ts";

export const pairs: DataSource = {
  name: "pairs",
  what: "English sentences and German ones between tabs, one pair a line (also .gz)",
  sample: "samples/tatoeba/english-german.tsv.gz",
};

/** What stands against each other: all else is equal, parameters included. */
export interface TranslateVariant {
  readonly name: string;
  readonly reversible: Reversibility;
}

export const reversibleModel: TranslateVariant = { name: "reversible", reversible: "exact" };
export const transformer: TranslateVariant = { name: "Transformer", reversible: "none" };
export const variants = [reversibleModel, transformer] as const;

export interface TranslateSettings {
  readonly width: number;
  readonly heads: number;
  /** Of the encoder, and of the decoder. */
  readonly layers: number;
  readonly vocabulary: number;
  readonly batch: number;
  readonly length: number;
  readonly steps: number;
  readonly rate: number;
  readonly lookEvery: number;
  /** Pairs at the end of the data, which no step learns from; of those, how many are looked at, and how many translated at the end. */
  readonly kept: number;
  readonly looked: number;
  readonly translated: number;
}

const small: TranslateSettings = {
  width: 128,
  heads: 4,
  layers: 2,
  vocabulary: 4096,
  batch: 32,
  length: 32,
  steps: 1000,
  rate: 2.5e-3,
  lookEvery: 250,
  kept: 500,
  looked: 128,
  translated: 500,
};

export const settingsOf: Readonly<Record<Size, TranslateSettings>> = {
  smallest: {
    ...small,
    width: 16,
    heads: 2,
    layers: 1,
    vocabulary: 300,
    batch: 4,
    length: 48,
    steps: 2,
    lookEvery: 1,
    kept: 8,
    looked: 4,
    translated: 4,
  },
  default: small,
  full: {
    ...small,
    width: 512,
    heads: 8,
    layers: 6,
    vocabulary: 32_768,
    batch: 128,
    length: 128,
    steps: 100_000,
    rate: 7e-4,
    lookEvery: 2000,
    kept: 3000,
    looked: 1000,
    translated: 3000,
  },
};

/** The configuration of a run on `count` pairs. */
export function pairsConfig(
  settings: TranslateSettings,
  { reversible }: TranslateVariant,
  seed: number,
  count: number,
): TranslateConfig {
  const { width, heads, steps, length, kept } = settings;
  const layers = Array<"full">(settings.layers).fill("full");
  return taskConfig("translate", {
    model: {
      vocabulary: settings.vocabulary,
      width,
      heads,
      headWidth: width / heads,
      feedForwardWidth: 2 * width,
      layers,
      encoder: { layers },
      positions: { kind: "axial", shape: [length], widths: [width] },
      reversible,
      feedForwardChunk: null,
      lossChunk: null,
    },
    training: {
      batch: settings.batch,
      length,
      schedule: cosineTo(steps, settings.rate, Math.ceil(steps / 10)),
      validateBytes: settings.looked,
      seed,
    },
    data: { train: [0, count - kept], validation: [count - kept, count] },
  });
}
