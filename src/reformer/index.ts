/** The Reformer: its attention, its reversible stacks, and language models made of them. */
export {
  attentionBlock,
  type AttentionBlockOptions,
  type AttentionParams,
  type HeadParams,
} from "./blocks/attention-block.ts";
export { attendHead } from "./attention/attention-head.ts";
export { attentionWeights } from "./attention/attention-weights.ts";
export type {
  AttentionKind,
  HeadOptions,
  MaskedQueries,
  QueryKey,
} from "./attention/head-options.ts";
export { automaticBuckets, bucketCount, powersOfTwoBuckets } from "./attention/buckets.ts";
export * as attention from "./attention/index.ts";
export type {
  FeedForwardConfig,
  FullConfig,
  LshConfig,
  Mask,
  PositionConfig,
  ReformerConfig,
  ResidualConfig,
  Reversibility,
  TiedLayers,
  WindowConfig,
} from "./models/config.ts";
export {
  summarizeHashing,
  type HashStatistics,
  type HashSummary,
} from "./attention/hash-statistics.ts";
export { reformerConfig } from "./models/reformer-config.ts";
export { stackContext, type ContextOptions, type ReformerContext } from "./models/context.ts";
export { conventions, type ConventionName, type Conventions } from "./attention/conventions.ts";
export {
  feedForwardBlock,
  type FeedForwardKind,
  type FeedForwardParams,
} from "./blocks/feed-forward-block.ts";
export type { ProductKeyBlockParams, ProductKeyKind } from "./blocks/product-key-block.ts";
export type { RecurrentKind, RecurrentParams } from "./blocks/recurrent-block.ts";
export {
  parts,
  rows,
  type BlockContext,
  type HalfBlock,
  type PartStages,
  type PartsBlock,
  type RowsBlock,
} from "./blocks/half-block.ts";
export * as decoding from "./decode/index.ts";
export type { DecodeCache, Decoded, DecodeOptions } from "./decode/decode.ts";
export type { ReferenceCache } from "./decode/reference.ts";
export type { SourceCache, SourceRows } from "./decode/source.ts";
export type { HuggingFaceCache } from "./decode/huggingface/decode.ts";
export type { LayerRows } from "./decode/huggingface/cache.ts";
export type { BucketLists, HeadCache, LayerCache } from "./decode/cache.ts";
export type { HashBuckets } from "./models/hash-buckets.ts";
export {
  logits,
  loss,
  tokenLosses,
  type LossOptions,
  type MeanLoss,
  type TokenLosses,
} from "./models/language-model.ts";
export * as masked from "./models/masked-model.ts";
export * as classifier from "./models/classifier.ts";
export * as spans from "./models/span-model.ts";
export { maskTokens, type MaskedTokens, type MaskOptions } from "./outputs/mask-tokens.ts";
export type { ClassifierHead, Pooling } from "./outputs/classification.ts";
export type { SpanHead, SpanLogits, Spans } from "./outputs/spans.ts";
export { runStack, type Ablation, type PassOptions, type StackResult } from "./models/run-stack.ts";
export { checkLength } from "./models/token-vectors.ts";
export type {
  BodyParams,
  EndParams,
  InputParams,
  ReformerLayerParams,
  ReformerParams,
} from "./models/params.ts";
export { untiedLayers } from "./models/tied-layers.ts";
export { lossAndUpdate } from "./models/loss-and-update.ts";
export type { Activation } from "../nn/index.ts";
export type { NormKind, NormParams } from "./blocks/norm.ts";
export type { GainParams, KeptContext } from "./blocks/weighted-block.ts";
export type { PositionParams } from "./models/positions.ts";
export {
  initUpdateState,
  updateThrough,
  type LossAbove,
  type LossAndUpdate,
  type UpdateOptions,
  type UpdateState,
  type UpdateStep,
} from "./models/update-through.ts";
export type { OutputParams } from "./outputs/next-token.ts";
export {
  inspectHashing,
  type HashingOptions,
  type LayerHashing,
} from "./models/inspect-hashing.ts";
export { inspectAttention, type LayerAttention } from "./models/inspect-attention.ts";
export * as encoderDecoder from "./models/encoder-decoder/index.ts";
export * as shortened from "./models/shortened/index.ts";
export { buildLayers, type Mode } from "./models/layers.ts";
export * as lsh from "./attention/lsh.ts";
export { initParams, initReformer } from "./models/parameters.ts";
export { residual, type ResidualOptions } from "./stack/residual.ts";
export { forwardPass } from "./stack/forward-pass.ts";
export {
  invert,
  reversible,
  stored,
  type Health,
  type HalfTrees,
  type LayerParams,
  type NamedHalfBlock,
  type ReversibleLayer,
  type StackContext,
  type StackFunction,
  type StackPass,
  type Streams,
} from "./stack/reversible.ts";
export { unitKeys } from "./attention/unit-keys.ts";
export {
  valueAndUpdate,
  type LayerStates,
  type Top,
  type ValueAndUpdate,
} from "./stack/value-and-update.ts";
