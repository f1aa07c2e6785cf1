/** Named configurations of other tasks than the next token of a text. */
import { adam, bytesMedium, bytesSmall } from "./presets.ts";

/** bytes-small as a model that sees all of a text, with one more token, which stands for hidden bytes. */
const masked = {
  task: { kind: "masked" },
  model: {
    ...bytesSmall.model,
    vocabulary: 257,
    mask: "full",
    // As in bytes-medium: averaged over a long window, the tokens beside a hidden one drown.
    local: { chunk: 4, before: 1, after: 1 },
    lsh: { ...bytesMedium.model.lsh, after: 1 },
  },
  training: {
    ...bytesSmall.training,
    batch: 4,
    length: 256,
    schedule: { kind: "cosine", rate: 3e-3, warmup: 50, horizon: 2000, floor: 0.05 },
    validateBytes: 16384,
  },
  data: {},
};

/** A small classifier of texts by their bytes, from parts of 512. */
const classify = {
  task: { kind: "classify" },
  model: {
    ...masked.model,
    vocabulary: 256,
    width: 64,
    heads: 2,
    headWidth: 32,
    feedForwardWidth: 128,
    positions: { kind: "axial", shape: [16, 64], widths: [32, 32] },
  },
  training: {
    ...masked.training,
    batch: 8,
    length: 512,
    schedule: { kind: "cosine", rate: 2e-3, warmup: 50, horizon: 2400, floor: 0.05 },
    validateBytes: null,
  },
  data: {},
};

/** A small finder of answers in passages, by their bytes. Full layers compare question and passage. */
const spans = {
  task: { kind: "spans" },
  model: {
    ...classify.model,
    vocabulary: 257,
    layers: ["local", "full", "full"],
    dropout: 0.1,
  },
  training: {
    ...classify.training,
    schedule: { kind: "cosine", rate: 2e-3, warmup: 100, horizon: 2000, floor: 0.05 },
    validateBytes: 256,
  },
  data: {},
};

/**
 * A small encoder-decoder for pairs of short texts: 258 bytes and marks, and the 3,838 words that the training pairs hold most often.
 * Streams are merged by their mean, as in the published encoder-decoder.
 */
const translate = {
  task: { kind: "translate" },
  model: {
    conventions: "lucidrains",
    vocabulary: 4096,
    width: 128,
    heads: 4,
    headWidth: 32,
    feedForwardWidth: 256,
    activation: "relu",
    layers: ["full", "full"],
    encoder: { layers: ["full", "full"] },
    full: { queryKey: "separate" },
    positions: { kind: "axial", shape: [48], widths: [128] },
    dropout: 0.1,
    reversible: "exact",
  },
  training: {
    batch: 32,
    length: 48,
    optimizer: adam,
    schedule: { kind: "cosine", rate: 2.5e-3, warmup: 200, horizon: 2500, floor: 0.05 },
    clip: 1,
    validateEvery: 500,
    validateBytes: 512,
    checkpointEvery: 500,
  },
  data: {},
};

/** Handwritten digits of four grey levels, value by value. A local layer sees the row above. */
const images = {
  task: { kind: "images", height: 28, width: 28, channels: 1, levels: 4 },
  model: {
    ...bytesSmall.model,
    vocabulary: 5,
    width: 64,
    headWidth: 32,
    feedForwardWidth: 128,
    layers: ["local", "lsh", "lsh"],
    local: { chunk: 28, before: 1, after: 0 },
    lsh: { chunk: 28, before: 1, after: 0, rounds: 2, evaluationRounds: null, buckets: "auto" },
    positions: { kind: "axial", shape: [28, 28], widths: [32, 32] },
  },
  training: {
    ...bytesSmall.training,
    batch: 4,
    length: 784,
    validateBytes: 64,
  },
  data: {},
};

/** A toy task, as small as it can be learnt: 0w0w of 64 tokens by one layer that hashes. */
const toy = {
  task: { kind: "toy", name: "copy" },
  model: {
    ...images.model,
    vocabulary: 33,
    layers: ["lsh"],
    lsh: { chunk: 16, before: 1, after: 0, rounds: 4, evaluationRounds: null, buckets: "auto" },
    // Axial positions do not learn to point half a sequence back.
    positions: { kind: "learned", length: 64 },
  },
  training: {
    ...bytesSmall.training,
    batch: 32,
    length: 64,
    schedule: { kind: "constant", rate: 3e-3, warmup: 100, horizon: 600 },
    validateEvery: 50,
    validateBytes: 128,
  },
  data: {},
};

/** The presets of other tasks by name. */
export const taskPresets = { masked, classify, spans, translate, images, toy } as const;
