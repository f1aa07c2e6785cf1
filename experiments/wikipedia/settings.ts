import { trainConfig, type TrainConfig } from "../../src/training/index.ts";
import type { Size } from "../frame/experiment.ts";

/** Types, so that they are JSON. */
export type WikipediaModel = {
  readonly name: string;
  readonly feedForwardWidth: number;
  /** Recurrent units beside the feed-forward layer; 0 for none. */
  readonly units: number;
  readonly steps: number;
  readonly rate: number;
};

export type WikipediaSettings = {
  readonly width: number;
  readonly heads: number;
  readonly layers: readonly ("local" | "lsh")[];
  readonly rounds: number;
  readonly length: number;
  readonly lookEvery: number;
  /** So many of the first bytes are used. */
  readonly used: number;
  /** Bytes that compressors and the trained models are measured on, at most. */
  readonly measured: number;
  /** What is trained; the claim is judged by the first. */
  readonly models: readonly WikipediaModel[];
};

const hashing: WikipediaModel = {
  name: "Reformer",
  feedForwardWidth: 576,
  units: 0,
  steps: 8500,
  rate: 2e-3,
};

const recurrent: WikipediaModel = {
  name: "with recurrent units",
  feedForwardWidth: 384,
  units: 192,
  steps: 8000,
  rate: 3e-3,
};

const small: WikipediaSettings = {
  width: 192,
  heads: 3,
  layers: ["local", "lsh", "lsh", "lsh"],
  rounds: 4,
  length: 1024,
  lookEvery: 250,
  used: 4_000_000,
  measured: 200_000,
  models: [hashing, recurrent],
};

export const settingsOf: Readonly<Record<Size, WikipediaSettings>> = {
  smallest: {
    ...small,
    width: 16,
    heads: 1,
    layers: ["local", "lsh"],
    rounds: 1,
    length: 64,
    lookEvery: 2,
    used: 16_384,
    measured: 512,
    models: [
      { ...hashing, feedForwardWidth: 48, steps: 4 },
      { ...recurrent, feedForwardWidth: 32, units: 16, steps: 4 },
    ],
  },
  default: small,
  full: {
    ...small,
    width: 1024,
    heads: 8,
    layers: Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? "local" : "lsh")),
    length: 65_536,
    lookEvery: 1000,
    used: 100_000_000,
    measured: 5_000_000,
    models: [{ ...hashing, feedForwardWidth: 3072, steps: 100_000, rate: 5e-4 }],
  },
};

/** As the preset bytes-medium or bytes-recurrent, but wider: the local layer sees the last few bytes, and all else is found by hashing, or handed on by units. */
export const configOf = (
  { width, heads, layers, rounds, length, lookEvery }: WikipediaSettings,
  { feedForwardWidth, units, steps, rate }: WikipediaModel,
  seed: number,
): TrainConfig =>
  trainConfig({
    preset: units > 0 ? "bytes-recurrent" : "bytes-medium",
    model: {
      width,
      heads,
      headWidth: width / heads,
      feedForwardWidth,
      layers,
      lsh: { rounds },
      positions: { kind: "axial", shape: [length / 16, 16], widths: [width / 2, width / 2] },
      ...(units > 0 && { feedForward: { recurrent: { units } } }),
    },
    training: {
      length,
      schedule: { kind: "cosine", rate, warmup: Math.min(200, steps), horizon: steps, floor: 0.02 },
      validateEvery: lookEvery,
      checkpointEvery: lookEvery,
      seed,
    },
  });
