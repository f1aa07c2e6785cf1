import {
  trainConfig,
  type TrainConfig,
  type TrainConfigChoices,
} from "../../src/training/index.ts";
import type { DataSource } from "../frame/data.ts";
import type { Size } from "../frame/experiment.ts";

export const novelText: DataSource = {
  name: "novel",
  what: "a novel: its text, or ids of 320 pieces, two bytes each (.u16le, also .gz)",
  sample: "samples/crime-and-punishment.txt",
};

export const pieces: DataSource = {
  name: "pieces",
  what: "the pieces of those ids: JSON, as the sample has them",
  sample: "samples/cp.320.pieces.json",
};

/** How a path holds the novel. */
export const formatOf = (path: string): "bytes" | "u16le" =>
  /\.u16le(\.gz)?$/.test(path) ? "u16le" : "bytes";

export interface NovelSettings {
  /** What differs from the preset `novel`. */
  readonly model: TrainConfigChoices["model"];
  /** Positions of the whole. */
  readonly length: number;
  /** Tokens of the data that are used: all of them. */
  readonly mostTokens: number | null;
  readonly steps: number;
  /** Tokens of a window, windows of a step, and how long windows are learnt. */
  readonly window: number;
  readonly batch: number;
  readonly minutes: number;
  readonly rate: number;
  readonly lookEvery: number;
  /** Tokens at the end that windows do not see, of which so many are looked at on the way; those of a prompt, and those that are written after it. */
  readonly kept: number;
  readonly looked: number;
  readonly prompt: number;
  readonly written: number;
  /** Bytes that a step on the whole may plan with. */
  readonly budget: number;
}

const whole: NovelSettings = {
  model: {},
  length: 524_288,
  mostTokens: null,
  steps: 3,
  window: 1024,
  batch: 2,
  minutes: 20,
  rate: 1e-3,
  lookEvery: 250,
  kept: 16_384,
  looked: 8192,
  prompt: 256,
  written: 1500,
  budget: 2 ** 32,
};

export const settingsOf: Readonly<Record<Size, NovelSettings>> = {
  smallest: {
    ...whole,
    model: {
      width: 16,
      headWidth: 8,
      feedForwardWidth: 16,
      layers: ["local", "lsh"],
      local: { chunk: 16 },
      lsh: { chunk: 16 },
      positions: { kind: "axial", shape: [16, 16], widths: [8, 8] },
    },
    length: 256,
    mostTokens: 240,
    window: 64,
    minutes: 0.02,
    lookEvery: 2,
    kept: 64,
    looked: 64,
    prompt: 16,
    written: 24,
  },
  default: whole,
  full: { ...whole, minutes: 1200 },
};

const vocabularies = { bytes: 256, u16le: 320 } as const;

/** All of the novel as one example, layers updated inside of the reverse sweep. */
export function wholeConfig({ model, length, budget }: NovelSettings, path: string): TrainConfig {
  const tokens = formatOf(path);
  return trainConfig({
    preset: "novel",
    model: { ...model, vocabulary: vocabularies[tokens] },
    training: { length, memoryBudget: budget },
    data: { tokens },
  });
}

/** The same model on windows. */
export function windowConfig(settings: NovelSettings, path: string): TrainConfig {
  const { window, batch, rate, lookEvery, looked } = settings;
  const { model, data, training } = wholeConfig(settings, path);
  return trainConfig({
    preset: "novel",
    model: { ...model, feedForwardChunk: null, lossChunk: null },
    training: {
      ...training,
      batch,
      length: window,
      clip: 1,
      update: "afterwards",
      schedule: { kind: "constant", rate, warmup: 100, horizon: 2 ** 30 },
      validateEvery: lookEvery,
      validateBytes: looked,
      checkpointEvery: lookEvery,
    },
    data: { tokens: data.tokens, order: "random" },
  });
}
