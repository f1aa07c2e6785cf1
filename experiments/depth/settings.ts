import type { AttentionKind } from "../../src/reformer/index.ts";
import type { Size } from "../frame/experiment.ts";
import type { LanguageSettings, Variant } from "../language/settings.ts";

export interface DepthSettings {
  readonly common: LanguageSettings;
  /** Layers; multiples of three. */
  readonly depths: readonly number[];
}

const small: LanguageSettings = {
  width: 128,
  heads: 2,
  length: 512,
  batch: 2,
  steps: 300,
  rate: 2e-3,
  warmup: 30,
  chunk: 16,
  lookEvery: 50,
  validated: 16_384,
};

export const settingsOf: Readonly<Record<Size, DepthSettings>> = {
  smallest: {
    common: {
      ...small,
      width: 16,
      length: 32,
      steps: 2,
      warmup: 1,
      chunk: 8,
      lookEvery: 1,
      validated: 64,
    },
    depths: [3, 12],
  },
  default: { common: small, depths: [3, 6, 12] },
  full: {
    common: {
      ...small,
      width: 1024,
      heads: 8,
      length: 65_536,
      batch: 1,
      steps: 100_000,
      rate: 5e-4,
      warmup: 5000,
      chunk: 64,
      lookEvery: 1000,
      validated: 655_360,
    },
    depths: [3, 6, 12, 24],
  },
};

/** The last few bytes by neighbourhood, all else by hashing, again and again. */
const three: readonly AttentionKind[] = ["local", "lsh", "lsh"];

export const variantsOf = ({ depths }: DepthSettings): readonly Variant[] =>
  depths.map((depth) => ({
    name: `${depth} layers`,
    model: {
      layers: Array.from({ length: depth }, (_, i) => three[i % 3]),
      local: { chunk: 4, before: 1, after: 0 },
      lsh: { rounds: 2 },
      feedForwardChunk: 256,
      lossChunk: 256,
    },
  }));
