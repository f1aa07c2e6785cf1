/** Layers as pure functions of a parameter tree and arrays, and initialisers for the trees. */
// Makes the operations known and evaluates them, whichever module is imported first.
import "../transforms/index.ts";

export {
  gelu,
  glu,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softplus,
  type GeluOptions,
} from "./activations.ts";
export { activations, type Activation } from "./activation-table.ts";
export { dense, type DenseParams } from "./dense.ts";
export { dropout, type DropoutOptions } from "./dropout.ts";
export { embedding, tiedLogits, type EmbeddingParams } from "./embedding.ts";
export {
  initAxialPositions,
  initDense,
  initEmbedding,
  initLayerNorm,
  type DenseInit,
} from "./init.ts";
export * as initializers from "./initializers.ts";
export type { FanOptions, Initializer, Key } from "./initializers.ts";
export {
  layerNorm,
  rmsNorm,
  scaleNorm,
  type LayerNormParams,
  type NormOptions,
} from "./layer-norm.ts";
export { softmaxCrossEntropy, type CrossEntropyOptions } from "./losses.ts";
export { oneHot } from "./one-hot.ts";
export {
  axialPositions,
  learnedPositions,
  sinusoids,
  type AxialCombination,
  type AxialPositionParams,
  type LearnedPositionParams,
  type SinusoidOptions,
} from "./positions.ts";
export { rotary } from "./rotary.ts";
export { logSoftmax, logSumExp, softmax } from "./softmax.ts";
export { productKeys, type ProductKeyOptions, type ProductKeyParams } from "./product-keys.ts";
export { sru, type SruOptions, type SruParams } from "./sru.ts";
export { initProductKeys, initSru, type ProductKeyInit } from "./init-memory.ts";
