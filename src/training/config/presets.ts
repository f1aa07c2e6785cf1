/**
 * Named configurations: complete sections of a training configuration as plain data, for `train --preset` and as a
 * start for files of one's own. A file or a flag overrides single values.
 */

const local = { chunk: 64, before: 1, after: 0 };

export const adam = { kind: "adam", beta1: 0.9, beta2: 0.98, epsilon: 1e-8 };

/** Two layers on short windows: learns a text of a few hundred kilobytes in minutes on one core. */
export const bytesSmall = {
  model: {
    conventions: "paper",
    vocabulary: 256,
    width: 128,
    heads: 2,
    headWidth: 64,
    feedForwardWidth: 256,
    activation: "relu",
    layers: ["local", "lsh"],
    local,
    lsh: { chunk: 64, before: 1, after: 0, rounds: 1, evaluationRounds: 2, buckets: "auto" },
    // A row of the grid is a chunk: within a window of local attention, the column tells neighbours apart.
    positions: { kind: "axial", shape: [16, 64], widths: [64, 64] },
    reversible: "exact",
  },
  training: {
    batch: 2,
    length: 512,
    optimizer: adam,
    schedule: { kind: "cosine", rate: 3e-3, warmup: 30, horizon: 600, floor: 0.05 },
    clip: 1,
    validateEvery: 100,
    validateBytes: 8192,
    checkpointEvery: 200,
  },
  data: {},
};

/**
 * Baselines of bytes-small: as large, trained alike. An ordinary Transformer attends to everything with keys of their own; feed-forward
 * layers make up for the parameters of one more projection, up to 64 of them.
 */
const transformer = {
  ...bytesSmall,
  model: {
    ...bytesSmall.model,
    layers: ["full", "full"],
    full: { queryKey: "separate" },
    feedForwardWidth: 224,
    reversible: "none",
  },
};

/** A reversible Transformer: full attention, with shared keys, in place of hashing. */
const reversible = {
  ...bytesSmall,
  model: { ...bytesSmall.model, layers: ["local", "full"] },
};

/** Hashing without reversibility: an ordinary residual network, whose activations are all stored. */
const lshStored = {
  ...bytesSmall,
  model: { ...bytesSmall.model, reversible: "none" },
};

/**
 * Four layers on windows of 1,024 bytes: 4 million tokens. The local layer sees only the last four to eight bytes: averaged over
 * a long window, the one before drowns, and learning stands still at what it tells for hundreds of steps. All the rest
 * is found by hashing: small chunks, several rounds, centred so that buckets stay small.
 */
export const bytesMedium = {
  model: {
    ...bytesSmall.model,
    feedForwardWidth: 384,
    layers: ["local", "lsh", "lsh", "lsh"],
    local: { chunk: 4, before: 1, after: 0 },
    lsh: {
      chunk: 16,
      before: 1,
      after: 0,
      rounds: 4,
      evaluationRounds: null,
      buckets: "auto",
      centred: true,
    },
  },
  training: {
    ...bytesSmall.training,
    batch: 1,
    length: 1024,
    schedule: { kind: "cosine", rate: 2e-3, warmup: 100, horizon: 4000, floor: 0.02 },
    validateEvery: 250,
    validateBytes: 16384,
    checkpointEvery: 250,
  },
  data: {},
};

/**
 * bytes-medium with simple recurrent units beside its feed-forward layers, as large: they hand on what a text was about, and leave
 * less to hashing. Streams grow beside units, beyond the 2,048 that 20 bits behind the point leave room for.
 */
const bytesRecurrent = {
  model: {
    ...bytesMedium.model,
    feedForwardWidth: 192,
    activation: "reluSquared",
    feedForward: { recurrent: { layers: 1, units: 96, place: "beside" } },
    residual: { norm: "rms" },
    fractionBits: 16,
  },
  training: {
    ...bytesMedium.training,
    optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.98, weightDecay: 0.05 },
    schedule: { kind: "cosine", rate: 3e-3, warmup: 200, horizon: 4000, floor: 0.02 },
  },
  data: {},
};

/** Six layers on windows of 16,384 bytes: what a Reformer is for. Memory does not grow with depth. */
const bytesLong = {
  model: {
    ...bytesMedium.model,
    width: 192,
    heads: 3,
    local,
    layers: ["local", "lsh", "local", "lsh", "local", "lsh"],
    lsh: { ...bytesSmall.model.lsh, rounds: 2, evaluationRounds: 4 },
    positions: { kind: "axial", shape: [256, 64], widths: [64, 128] },
  },
  training: {
    ...bytesMedium.training,
    length: 16384,
    validateBytes: 65536,
  },
  data: {},
};

/**
 * A novel of 513,812 tokens as one training example of 524,288 positions: the sizes of the example that came with the
 * published system, on ids of its vocabulary of 320 pieces.
 */
const novel = {
  model: {
    ...bytesLong.model,
    vocabulary: 320,
    width: 256,
    heads: 2,
    feedForwardWidth: 512,
    lsh: { ...bytesSmall.model.lsh, rounds: 1, evaluationRounds: null },
    positions: { kind: "axial", shape: [512, 1024], widths: [64, 192] },
  },
  training: {
    batch: 1,
    length: 524288,
    optimizer: adam,
    schedule: { kind: "constant", rate: 1e-3, warmup: 0, horizon: 100 },
    clip: null,
    update: "inSweep",
    checkpointEvery: 1,
  },
  data: { tokens: "u16le", order: "whole" },
};

/** Performances of a piano as events (data.tokens midi), two bars or so in a window of local attention. */
const music = {
  model: {
    ...bytesMedium.model,
    vocabulary: 388,
    local: { chunk: 16, before: 1, after: 0 },
  },
  training: {
    ...bytesMedium.training,
    batch: 2,
    length: 512,
    schedule: { kind: "cosine", rate: 2e-3, warmup: 100, horizon: 2000, floor: 0.02 },
  },
  data: { tokens: "midi" },
};

/** The presets by name. */
export const presets = {
  "bytes-small": bytesSmall,
  "bytes-medium": bytesMedium,
  "bytes-recurrent": bytesRecurrent,
  "bytes-long": bytesLong,
  novel,
  transformer,
  reversible,
  "lsh-stored": lshStored,
  music,
} as const;

export type PresetName = keyof typeof presets;

/** The preset of those who name none. */
export const defaultPreset: PresetName = "bytes-small";
