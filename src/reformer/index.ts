/** The Reformer: its attention, its reversible stacks, and language models made of them. */
export {
  attentionBlock,
  type AttentionBlockOptions,
  type AttentionParams,
  type HeadParams,
} from "./attention-block.ts";
export { attendHead } from "./attention-head.ts";
export type { AttentionKind, HeadOptions } from "./head-options.ts";
export { automaticBuckets, bucketCount } from "./buckets.ts";
export * as attention from "./attention.ts";
export type { LshConfig, PositionConfig, ReformerConfig, WindowConfig } from "./config.ts";
export { summarizeHashing, type HashStatistics, type HashSummary } from "./hash-statistics.ts";
export { reformerConfig } from "./reformer-config.ts";
export { stackContext, type ContextOptions } from "./context.ts";
export { conventions, type ConventionName, type Conventions } from "./conventions.ts";
export { feedForwardBlock, type Activation, type FeedForwardParams } from "./feed-forward-block.ts";
export {
  parts,
  rows,
  type BlockContext,
  type HalfBlock,
  type PartStages,
  type PartsBlock,
  type RowsBlock,
} from "./half-block.ts";
export {
  checkLength,
  logits,
  loss,
  runStack,
  tokenLosses,
  type Ablation,
  type EndParams,
  type PassOptions,
  type ReformerLayerParams,
  type ReformerParams,
  type StackResult,
} from "./language-model.ts";
export {
  initUpdateState,
  lossAndUpdate,
  type LossAndUpdate,
  type UpdateState,
} from "./loss-and-update.ts";
export type { OutputParams } from "./head.ts";
export { inspectHashing, type HashingOptions, type LayerHashing } from "./inspect-hashing.ts";
export { buildLayers, type Mode } from "./layers.ts";
export * as lsh from "./lsh.ts";
export { initParams, initReformer } from "./parameters.ts";
export { forwardPass } from "./forward-pass.ts";
export {
  invert,
  reversible,
  stored,
  type Health,
  type LayerParams,
  type ReversibleLayer,
  type StackContext,
  type StackFunction,
  type Streams,
} from "./reversible.ts";
export { unitKeys } from "./unit-keys.ts";
export {
  valueAndUpdate,
  type LayerStates,
  type Top,
  type ValueAndUpdate,
} from "./value-and-update.ts";
