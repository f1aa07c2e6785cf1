import { trainConfig, type TrainConfig } from "../../src/training/index.ts";
import { cosineTo } from "../frame/cosine.ts";
import type { DataSource } from "../frame/data.ts";
import type { Size } from "../frame/experiment.ts";

export const piano: DataSource = {
  name: "piano",
  what: "piano performances: a folder of MIDI files, or ids of their events, two bytes each (.u16le, also .gz)",
  sample: "samples/piano-midi",
};

/** How a path holds events. */
export const formatOf = (path: string): "midi" | "u16le" =>
  /\.u16le(\.gz)?$/.test(path) ? "u16le" : "midi";

/** Ids below this are events; see `musicFrom`. */
export const vocabulary = 388;

export interface MusicSettings {
  readonly width: number;
  readonly heads: number;
  readonly layers: readonly ("local" | "lsh")[];
  readonly chunk: number;
  readonly rounds: number;
  readonly batch: number;
  /** Events of a window. */
  readonly length: number;
  readonly steps: number;
  readonly rate: number;
  readonly lookEvery: number;
  /** Events that are kept back and looked at during training, and at the end. */
  readonly looked: number;
  readonly measured: number;
  /** Events that a continuation begins with, and those that are written after them. */
  readonly prompt: number;
  readonly written: number;
}

const small: MusicSettings = {
  width: 128,
  heads: 2,
  layers: ["local", "lsh", "lsh", "lsh"],
  chunk: 16,
  rounds: 4,
  batch: 2,
  length: 512,
  steps: 500,
  rate: 2e-3,
  lookEvery: 100,
  looked: 2048,
  measured: 8192,
  prompt: 256,
  written: 768,
};

export const settingsOf: Readonly<Record<Size, MusicSettings>> = {
  smallest: {
    ...small,
    width: 16,
    layers: ["local", "lsh"],
    rounds: 1,
    batch: 1,
    length: 64,
    steps: 2,
    lookEvery: 1,
    looked: 64,
    measured: 128,
    prompt: 48,
    written: 48,
  },
  default: small,
  full: {
    ...small,
    width: 512,
    heads: 8,
    layers: ["local", "lsh", "local", "lsh", "local", "lsh"],
    chunk: 64,
    rounds: 8,
    batch: 4,
    length: 4096,
    steps: 20_000,
    rate: 1e-3,
    lookEvery: 1000,
    measured: 65_536,
    prompt: 1024,
    written: 4096,
  },
};

export function musicConfig(settings: MusicSettings, seed: number, path: string): TrainConfig {
  const { width, heads, layers, chunk, rounds, length, steps } = settings;
  const window = { chunk, before: 1, after: 0 };
  return trainConfig({
    preset: "music",
    model: {
      vocabulary,
      width,
      heads,
      headWidth: width / heads,
      feedForwardWidth: 3 * width,
      layers,
      local: window,
      lsh: { ...window, rounds },
      positions: {
        kind: "axial",
        shape: [length / 64, 64],
        widths: [width / 2, width / 2],
      },
      feedForwardChunk: null,
      lossChunk: null,
    },
    training: {
      batch: settings.batch,
      length,
      schedule: cosineTo(steps, settings.rate, Math.ceil(steps / 20)),
      validateBytes: settings.looked,
      seed,
    },
    data: { tokens: formatOf(path) },
  });
}
