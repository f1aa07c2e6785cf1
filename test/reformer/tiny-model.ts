import type { ReformerConfig } from "../../src/reformer/models/config.ts";

/** A model of every kind of layer that tests compute in no time. */
export const tinyModel: ReformerConfig = {
  conventions: "paper",
  vocabulary: 11,
  width: 8,
  heads: 2,
  headWidth: 4,
  feedForwardWidth: 12,
  activation: "gelu",
  layers: ["local", "lsh", "full"],
  local: { chunk: 4, before: 1, after: 0 },
  lsh: { chunk: 4, before: 1, after: 0, rounds: 2, evaluationRounds: 3, buckets: [4] },
  positions: { kind: "axial", shape: [5, 6], widths: [3, 5] },
  tiedEmbedding: false,
  dropout: 0,
  attentionDropout: 0,
  normEpsilon: null,
  reversible: "exact",
  fractionBits: 20,
  feedForwardChunk: null,
  lossChunk: null,
};
