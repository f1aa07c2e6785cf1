import * as E from "fp-ts/lib/Either.js";
import type { JsonObject } from "../src/edge/json.ts";
import { parseTrainConfig, type TrainConfig } from "../src/training/index.ts";

/** What a measurement changes of a model and its training. */
export interface ModelSettings {
  readonly model?: JsonObject;
  readonly training?: JsonObject;
  readonly data?: JsonObject;
}

/** `count` layers whose kinds repeat. */
export const repeated = (count: number, ...kinds: readonly string[]): readonly string[] =>
  Array.from({ length: count }, (_, i) => kinds[i % kinds.length]);

const adam = { kind: "adam", beta1: 0.9, beta2: 0.98 };

/** A complete configuration. */
export function configOf({ model, training, data }: ModelSettings): TrainConfig {
  const parsed = parseTrainConfig({
    model: {
      width: 128,
      heads: 2,
      headWidth: 64,
      feedForwardWidth: 256,
      activation: "relu",
      layers: repeated(2, "local", "lsh"),
      local: { chunk: 64 },
      lsh: { chunk: 64, rounds: 2, buckets: "auto" },
      reversible: "exact",
      feedForwardChunk: 512,
      lossChunk: 512,
      ...model,
    },
    training: {
      batch: 1,
      optimizer: adam,
      schedule: { kind: "constant", rate: 1e-3, warmup: 0, horizon: 10 },
      clip: 1,
      ...training,
    },
    data: { ...data },
  });
  if (E.isLeft(parsed)) throw new Error(JSON.stringify(parsed.left, null, 2));
  return parsed.right;
}

/** Axial positions for a length that is a power of two. */
export function axial(length: number, width: number): JsonObject {
  const rows = 2 ** Math.floor(Math.log2(length) / 2);
  return {
    kind: "axial",
    shape: [rows, length / rows],
    widths: [width / 2, width / 2],
  };
}

/** The small model at some length, depth and number of rounds. */
export const smallModel = (length: number, depth = 2, rounds = 2): ModelSettings => ({
  model: {
    layers: repeated(depth, "local", "lsh"),
    lsh: { chunk: 64, rounds, buckets: "auto" },
    positions: axial(length, 128),
  },
  training: { length },
});

/** Ids of a vocabulary instead of bytes. */
const ids = { tokens: "u16le" };

/** What the reverse sweep updates on its way. */
const inSweep = { update: "inSweep", clip: null };

/** A novel as one sequence: six layers, local and LSH attention in turns, 320 subwords. */
export const novelModel = (length: number): ModelSettings => ({
  model: {
    vocabulary: 320,
    width: 256,
    feedForwardWidth: 512,
    layers: repeated(6, "local", "lsh"),
    positions: axial(length, 256),
  },
  training: { length },
  data: ids,
});

/** The same as the preset `novel` trains it: one round, and updated inside of the reverse sweep. */
export function wholeNovelModel(length: number): ModelSettings {
  const { model, training, data } = novelModel(length);
  const lsh = { chunk: 64, rounds: 1, buckets: "auto" };
  return { model: { ...model, lsh }, training: { ...training, ...inSweep }, data };
}

/** For a million tokens: four layers of width 128, updated inside of the reverse sweep. */
export function longModel(length: number): ModelSettings {
  const { model, training } = smallModel(length, 4, 1);
  return { model, training: { ...training, ...inSweep } };
}

/** trax's model of enwik8 with `depth` layers: 12 of them, 65,536 characters. */
export const enwik8Model = (depth: number): ModelSettings => ({
  model: {
    conventions: "trax",
    vocabulary: 258,
    width: 768,
    heads: 8,
    feedForwardWidth: 2048,
    layers: repeated(depth, "local", "local", "lsh", "local"),
    local: { chunk: 128 },
    lsh: { chunk: 256, rounds: 2, buckets: 512 },
    positions: { kind: "axial", shape: [128, 512], widths: [256, 512] },
    dropout: 0.2,
    attentionDropout: 0.2,
    feedForwardChunk: 2048,
    lossChunk: 2048,
  },
  training: { length: 65536 },
  data: ids,
});

/**
 * trax's conventions at the size of its model of enwik8, 512 wide, as a device trains it: layers of local and LSH attention in turns, chunks as
 * long as the text.
 */
export const deviceModel = (length: number, depth: number): ModelSettings => {
  const window = { chunk: 64, before: 1, after: 0 };
  return {
    model: {
      conventions: "trax",
      vocabulary: 256,
      width: 512,
      heads: 8,
      headWidth: 64,
      feedForwardWidth: 2048,
      activation: "relu",
      layers: repeated(depth, "local", "lsh"),
      local: window,
      lsh: { ...window, rounds: 2, evaluationRounds: null, buckets: "auto" },
      positions: axial(length, 512),
      reversible: "exact",
      feedForwardChunk: length,
      lossChunk: length,
    },
    training: {
      length,
      optimizer: { ...adam, epsilon: 1e-9 },
      clip: null,
    },
  };
};

/** The preset `novel` with chunks as a device has them. */
export function deviceNovelModel(length: number): ModelSettings {
  const { model, ...others } = wholeNovelModel(length);
  return { ...others, model: { ...model, feedForwardChunk: 65_536, lossChunk: 65_536 } };
}
