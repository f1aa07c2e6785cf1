/** A small Reformer with everything that draws random numbers: hashing, dropout of both kinds, random windows. */
export const smallReformer = {
  model: {
    width: 16,
    heads: 2,
    headWidth: 8,
    feedForwardWidth: 32,
    layers: ["local", "lsh"],
    local: { chunk: 8 },
    lsh: { chunk: 8, rounds: 2 },
    positions: { kind: "axial", shape: [8, 8], widths: [8, 8] },
    dropout: 0.1,
    attentionDropout: 0.1,
    feedForwardChunk: null,
    lossChunk: null,
  },
  training: { batch: 2, length: 48, schedule: { horizon: 6, warmup: 1 }, validateEvery: 0 },
};
