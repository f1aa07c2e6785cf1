import { reformerConfig, type ReformerConfig } from "../../src/reformer/index.ts";
import type { Size } from "../frame/experiment.ts";

/** With how many rounds a model hashes, or `full`. */
export type Attention = "full" | 1 | 2 | 4 | 8;

export const attentions: readonly Attention[] = ["full", 1, 2, 4, 8];
export const hashed = [1, 2, 4, 8] as const;

export const nameOf = (attention: Attention): string =>
  attention === "full" ? "full" : `LSH-${attention}`;

/** What is timed: predicting alone, or loss and gradient. */
export const passes = ["evaluation", "training"] as const;
export type Pass = (typeof passes)[number];

export type SpeedSettings = {
  readonly width: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly chunk: number;
  /** Of all sequences of a step together, whatever their length. */
  readonly tokens: number;
  readonly lengths: readonly number[];
  /** Steps of which the quickest counts, after one that does not. */
  readonly repeats: number;
};

const small: SpeedSettings = {
  width: 256,
  heads: 4,
  vocabulary: 128,
  chunk: 64,
  tokens: 8192,
  lengths: [512, 1024, 2048, 4096, 8192],
  repeats: 3,
};

export const settingsOf: Readonly<Record<Size, SpeedSettings>> = {
  smallest: {
    ...small,
    width: 16,
    heads: 1,
    chunk: 16,
    tokens: 256,
    lengths: [64, 256],
    repeats: 1,
  },
  default: small,
  full: {
    ...small,
    tokens: 32_768,
    lengths: [1024, 2048, 4096, 8192, 16_384, 32_768],
  },
};

/** One layer: the time of attention stands out most. */
export const modelOf = (
  { width, heads, vocabulary, chunk, lengths }: SpeedSettings,
  attention: Attention,
): ReformerConfig => {
  const longest = lengths[lengths.length - 1];
  return reformerConfig({
    vocabulary,
    width,
    heads,
    headWidth: width / heads,
    feedForwardWidth: width,
    layers: [attention === "full" ? "full" : "lsh"],
    lsh: { chunk, rounds: attention === "full" ? 1 : attention, evaluationRounds: null },
    positions: { kind: "axial", shape: [longest / chunk, chunk], widths: [width / 2, width / 2] },
    feedForwardChunk: null,
    lossChunk: null,
  });
};
