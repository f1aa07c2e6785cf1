import { trainConfig, type TrainConfig } from "../../src/training/index.ts";
import type { Size } from "../frame/experiment.ts";

/** A type, so that it is JSON. */
export type WikipediaSettings = {
  readonly width: number;
  readonly heads: number;
  readonly layers: readonly ("local" | "lsh")[];
  readonly rounds: number;
  readonly length: number;
  readonly rate: number;
  readonly steps: number;
  readonly lookEvery: number;
  /** So many of the first bytes are used. */
  readonly used: number;
  /** Bytes that compressors and the trained model are measured on, at most. */
  readonly measured: number;
};

const small: WikipediaSettings = {
  width: 192,
  heads: 3,
  layers: ["local", "lsh", "lsh", "lsh"],
  rounds: 4,
  length: 1024,
  rate: 2e-3,
  steps: 8500,
  lookEvery: 250,
  used: 4_000_000,
  measured: 200_000,
};

export const settingsOf: Readonly<Record<Size, WikipediaSettings>> = {
  smallest: {
    ...small,
    width: 16,
    heads: 1,
    layers: ["local", "lsh"],
    rounds: 1,
    length: 64,
    steps: 4,
    lookEvery: 2,
    used: 16_384,
    measured: 512,
  },
  default: small,
  full: {
    ...small,
    width: 1024,
    heads: 8,
    layers: Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? "local" : "lsh")),
    length: 65_536,
    rate: 5e-4,
    steps: 100_000,
    lookEvery: 1000,
    used: 100_000_000,
    measured: 5_000_000,
  },
};

/** As the preset bytes-medium, but wider: the local layer sees the last few bytes, and all else is found by hashing. */
export const configOf = (
  { width, heads, layers, rounds, length, rate, steps, lookEvery }: WikipediaSettings,
  seed: number,
): TrainConfig =>
  trainConfig({
    preset: "bytes-medium",
    model: {
      width,
      heads,
      headWidth: width / heads,
      feedForwardWidth: 3 * width,
      layers,
      lsh: { rounds },
      positions: { kind: "axial", shape: [length / 16, 16], widths: [width / 2, width / 2] },
    },
    training: {
      length,
      schedule: { kind: "cosine", rate, warmup: Math.min(200, steps), horizon: steps, floor: 0.02 },
      validateEvery: lookEvery,
      checkpointEvery: lookEvery,
      seed,
    },
  });
