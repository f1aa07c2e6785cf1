import { checkSomeOf } from "../../core/arguments.ts";
import { listOf, type Kind } from "../../core/kinds.ts";
import { codecKind } from "../text/codec.ts";
import { checkTaskOptions } from "../task/check-options.ts";
import * as encoderDecoder from "../../reformer/models/encoder-decoder/index.ts";
import type { EncoderDecoderParams } from "../../reformer/models/encoder-decoder/params.ts";
import { measuredOf } from "../measured-params.ts";
import { runKeys, type RunKeys } from "../run-keys.ts";
import {
  learner,
  learnerMetrics,
  type LearnedTask,
  type LearnerState,
  type LearnerValues,
} from "../task/learner.ts";
import type { Metric } from "../task/metric.ts";
import { pairBatches } from "./batches.ts";
import { checkTranslateConfig, translateName, type TranslateConfig } from "./config.ts";
import type { TokenPair, TranslateData } from "./data.ts";
import { measurePairs, type PairMeasurement } from "./measure.ts";
import { layerNames, pairLoss, pairSweep, translateModel } from "./model.ts";

/** What a step of learning to translate reports. */
export interface TranslateValues extends LearnerValues {
  readonly bitsPerToken: number;
  readonly pairsPerSecond: number;
}

export type TranslateState = LearnerState<EncoderDecoderParams>;

export type TranslateTask = LearnedTask<TranslateState, TranslateValues, PairMeasurement>;

export interface TranslateOptions {
  readonly config: TranslateConfig;
  readonly data: TranslateData;
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
}

const pairKind: Kind = {
  expected: "a pair of tokens, { source, target }",
  is: (x) => isPair(x) && Array.isArray(x.source) && Array.isArray(x.target),
};

const isPair = (x: unknown): x is Readonly<Record<keyof TokenPair, unknown>> =>
  typeof x === "object" && x !== null && "source" in x && "target" in x;

const dataKinds = {
  codec: codecKind,
  train: listOf(pairKind),
  validation: listOf(pairKind),
} as const;

const loss: Metric = { name: "bitsPerToken", unit: "bits/token", digits: 3, role: "loss" };

/** The model and its optimiser. */
export const translateLearner = (config: TranslateConfig) =>
  learner<EncoderDecoderParams, Parameters<typeof pairLoss>[2]>({
    training: config.training,
    layers: layerNames(config.model),
    init: (key) => encoderDecoder.init(config.model, key),
    loss: (params, given, key) => pairLoss(config, params, given, key),
    sweep: pairSweep(config),
  });

/** Learning to translate: to predict each token of a target from those before it and the source. */
export function translateTask(options: TranslateOptions): TranslateTask {
  checkTaskOptions(options, {}, checkTranslateConfig, "translateTask");
  checkSomeOf(options.data, dataKinds, "data", "translateTask");
  const { config, data, keys = runKeys(config.training.seed) } = options;
  const { codec, train, validation } = data;
  const { model, training } = config;
  const { batch, length, validateBytes } = training;
  const layers = layerNames(model);
  const learned = translateLearner(config);
  const reader = translateModel(model);
  const measured = validation.slice(0, validateBytes ?? undefined);
  return {
    ...learned,
    name: translateName,
    metrics: [
      loss,
      { name: "pairsPerSecond", unit: "pairs/s", digits: 0, role: "speed" },
      ...learnerMetrics,
    ],
    measured: [
      { ...loss, digits: 4 },
      { name: "pairs", unit: "pairs", digits: 0, role: "sample" },
    ],
    config,
    keys,
    batch: pairBatches(train, training, codec, keys),
    read: (metrics, facts): TranslateValues => {
      const { nats, ...rest } = learned.read(metrics, facts);
      return { bitsPerToken: nats / Math.LN2, ...rest, pairsPerSecond: batch / facts.seconds };
    },
    ...(measured.length > 0 && {
      measure: (state: TranslateState, { breathe }): Promise<PairMeasurement> =>
        measurePairs(
          reader,
          measuredOf<TranslateState["params"]>(config.training)(state),
          measured,
          {
            codec,
            length,
            batch,
            key: keys.evaluation,
            layers,
            breathe,
          },
        ),
    }),
  };
}
