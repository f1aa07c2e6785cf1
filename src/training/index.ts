/** Training: the loop and the tasks that it runs, language models of bytes or ids of a vocabulary above all. */
export {
  resolveConfig,
  resolveConfigOrThrow,
  type ConfigSources,
  type Presets,
} from "./config/resolve.ts";
export { trainConfig, type TrainConfigChoices } from "./config/configure.ts";
export { defaultPreset, presets, type PresetName } from "./config/presets.ts";
export {
  parseTrainConfig,
  parseTrainConfigOrThrow,
  type TrainConfig,
} from "./config/train-config.ts";
export type { ModelConfig } from "./config/model-config.ts";
export type { DataConfig, TrainingConfig } from "./config/training-config.ts";
export {
  checkSplit,
  checkSplitOrThrow,
  defaultSplit,
  parseRange,
  parseRangeOrThrow,
  parseSplit,
  parseSplitOrThrow,
  type TokenRange,
  type Split,
} from "./data/split.ts";
export {
  tokensFrom,
  tokensFromOrThrow,
  type TokenFormat,
  type Tokens,
  type TokenUnit,
} from "./data/tokens.ts";
export { contextRule, evaluationPlan, type ScoredWindow } from "./data/evaluation-plan.ts";
export { windowStarts, gatherWindows, type WindowPlan } from "./data/windows.ts";
export {
  checkpointFromBytes,
  checkpointFromBytesOrThrow,
  checkpointToBytes,
} from "./checkpoint/bytes.ts";
export {
  canResume,
  parametersOf,
  parametersOnly,
  type Checkpoint,
} from "./checkpoint/checkpoint.ts";
export { importedCheckpoint, type ImportOptions } from "./checkpoint/imported.ts";
export { resumePoint, resumePointOrThrow, type ResumePoint } from "./checkpoint/resume.ts";
export type { StoreOptions } from "./checkpoint/store-options.ts";
export {
  checkpointOf,
  stateOf,
  stateOfOrThrow,
  type CheckpointParts,
  type TaskCheckpointParts,
} from "./checkpoint/state.ts";
export { tensorsOf, treeFrom, treeFromOrThrow } from "./checkpoint/tensors.ts";
export { measure, type Measurement, type MeasureOptions } from "./next-token/evaluation.ts";
export { generate, generateAll, type GenerateOptions } from "../generation/generate.ts";
export { beamSearch, type BeamSearchOptions, type BeamText } from "../generation/beam-search.ts";
export type { Beam, BeamOptions } from "../generation/beam-state.ts";
export type { DecodeMethod, RowOptions } from "../generation/row-reader.ts";
export type { StopOptions, TokenDecoder } from "../generation/written-text.ts";
export { copyState } from "./copy-state.ts";
export { breathe, type TrainHooks } from "./hooks.ts";
export { metricsLine } from "./log.ts";
export type * from "./next-token/model.ts";
export {
  formatBits,
  type Bits,
  type MetricsRecord,
  type StepRecord,
  type StepValues,
  type ValidationRecord,
  type ValidationValues,
} from "./next-token/records.ts";
export { replayHashes } from "./next-token/hash-replay.ts";
export type { HashReplay } from "./next-token/recorded-buckets.ts";
export { nextTokenTask, type NextTokenOptions, type NextTokenTask } from "./next-token/task.ts";
export type {
  MeasuredRecord,
  RecordOf,
  StopSignal,
  TaskOptions,
  ToldStep,
  TrainOptions,
  TrainOutcome,
  TrainStep,
} from "./options.ts";
export type {
  Prediction,
  PredictOptions,
  Predictor,
  ReaderStep,
  ReadOptions,
  TokenReader,
} from "../generation/predictor.ts";
export type { StreamHealth } from "../generation/stream-health.ts";
export { optimizerOf, scheduleOf } from "./optimizer.ts";
export { parameterHash } from "./parameter-hash.ts";
export { ablations, reformerModel } from "./reformer-model.ts";
export type { ReformerState } from "./reformer-step.ts";
export { taskConfig } from "./task-config.ts";
export { classifyTask, type ClassifyOptions, type ClassifyState } from "./classify/task.ts";
export {
  prepareLabels,
  prepareLabelsOrThrow,
  type ClassifiedText,
  type ClassifyData,
} from "./classify/data.ts";
export type { ClassifyConfig } from "./classify/config.ts";
export { spansTask, type SpansOptions, type SpansState } from "./spans/task.ts";
export {
  prepareQuestions,
  prepareQuestionsOrThrow,
  type AskedPassage,
  type SpansData,
} from "./spans/data.ts";
export type { SpansConfig } from "./spans/config.ts";
export {
  questionsFrom,
  questionsFromOrThrow,
  type Answer,
  type Question,
} from "./data/questions.ts";
export { scoreAnswer, type AnswerScore } from "./metrics/answers.ts";
export { maskedTask, type MaskedOptions, type MaskedState } from "./masked/task.ts";
export type { MaskedConfig } from "./masked/config.ts";
export { translateTask, type TranslateOptions, type TranslateState } from "./translate/task.ts";
export {
  preparePairs,
  preparePairsOrThrow,
  type TokenPair,
  type TranslateData,
} from "./translate/data.ts";
export { translateModel, type TranslateModel } from "./translate/model.ts";
export { translateTexts, type WriteOptions } from "./translate/translate.ts";
export type { TranslateConfig } from "./translate/config.ts";
export { imagesTask, type ImagesOptions, type ImagesState } from "./images/task.ts";
export { prepareImagesOrThrow, type ImagesData, type PreparedImages } from "./images/data.ts";
export { completeImages, type CompleteOptions } from "./images/complete.ts";
export { imagesFrom, imagesFromOrThrow, type ImageFormat } from "./images/read.ts";
export { pngOf } from "./images/png.ts";
export type { Images, ImageShape } from "./images/images.ts";
export type { ImagesConfig } from "./images/config.ts";
export { midiOf, musicFrom, musicFromOrThrow } from "./music/midi.ts";
export { toyTask, type ToyOptions, type ToyState } from "./toy/task.ts";
export { toySequences, type ToyShape } from "./toy/sequences.ts";
export type { ToyConfig } from "./toy/config.ts";
export type { ToyName } from "./toy/toys.ts";
export { frequentWords, wordCodec } from "./text/word-codec.ts";
export type { TextCodec } from "./text/codec.ts";
export { labelledFrom, labelledFromOrThrow, type LabelledText } from "./data/labelled.ts";
export { pairsFrom, pairsFromOrThrow, type TextPair } from "./data/pairs.ts";
export { corpusBleu, type Bleu } from "./metrics/bleu.ts";
export { runKeys, type RunKeys } from "./run-keys.ts";
export { formatMetric, formatMetrics, type Metric } from "./task/metric.ts";
export type * from "./task/task.ts";
export { finish, train, trainAhead } from "./train.ts";
export { nextTokenProbabilities, pickToken, type SamplingOptions } from "../generation/sampling.ts";
export type { TrainStart } from "./start.ts";
