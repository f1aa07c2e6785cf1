/** Training of language models on bytes: configuration, data, the loop, evaluation and generation. */
export { resolveConfig, type ConfigSources, type Presets } from "./config/resolve.ts";
export { parseTrainConfig, type TrainConfig } from "./config/train-config.ts";
export type { ModelConfig } from "./config/model-config.ts";
export type { DataConfig, TrainingConfig } from "./config/training-config.ts";
export {
  checkSplit,
  defaultSplit,
  parseRange,
  parseSplit,
  type ByteRange,
  type Split,
} from "./data/split.ts";
export { contextRule, evaluationPlan, type ScoredWindow } from "./data/evaluation-plan.ts";
export { windowStarts, gatherWindows, type WindowPlan } from "./data/windows.ts";
export { tensorsOf, treeFrom } from "./checkpoint/tensors.ts";
export { measure, type Measurement, type MeasureOptions } from "./evaluation.ts";
export { generate, type GenerateOptions } from "./generation.ts";
export { train, type TrainHooks, type TrainOptions, type TrainOutcome } from "./loop.ts";
export {
  metricsLine,
  type MetricsRecord,
  type StepRecord,
  type ValidationRecord,
} from "./metrics.ts";
export type * from "./model-interface.ts";
export { runKeys } from "./run-keys.ts";
export { nextTokenProbabilities, pickToken, type SamplingOptions } from "./sampling.ts";
