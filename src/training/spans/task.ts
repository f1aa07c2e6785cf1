import { checkRecord } from "../../core/arguments.ts";
import { listOf } from "../../core/kinds.ts";
import * as spans from "../../reformer/models/span-model.ts";
import { measuredOf } from "../measured-params.ts";
import { runKeys, type RunKeys } from "../run-keys.ts";
import {
  learner,
  learnerMetrics,
  type LearnedTask,
  type LearnerState,
  type LearnerValues,
} from "../task/learner.ts";
import { checkTaskOptions } from "../task/check-options.ts";
import type { Metric } from "../task/metric.ts";
import { checkSpansConfig, spansName, type SpansConfig } from "./config.ts";
import { askedKind, type SpansData } from "./data.ts";
import { measureSpans, type SpansMeasurement } from "./measure.ts";
import { scoreEnds, spanLossOf, spanSweep } from "./model.ts";
import { questionBatches, type SpanBatch } from "./windows.ts";

/** What a step of learning to find answers reports. */
export interface SpansValues extends LearnerValues {
  /** In nats. */
  readonly loss: number;
  readonly questionsPerSecond: number;
}

export type SpansState = LearnerState<spans.SpanParams>;

export interface SpansOptions {
  readonly config: SpansConfig;
  readonly data: SpansData;
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
}

/** The model and its optimiser. */
export const spansLearner = (config: SpansConfig) =>
  learner<spans.SpanParams, SpanBatch>({
    training: config.training,
    layers: config.model.layers,
    init: (key) => spans.init(config.model, key),
    loss: (params, batch, key) => spanLossOf(config, params, batch, key),
    sweep: spanSweep(config),
  });

const loss: Metric = { name: "loss", unit: "nats", digits: 3, role: "loss" };

/**
 * Learning to find the answers of questions in passages (extractive question answering), from windows of `training.length` tokens: the
 * question, a separator, and a part of the passage that holds the answer. Measured by exact match and F1, as SQuAD defines them.
 *
 * @example
 * import { init } from "reformax";
 * import { finish, prepareQuestionsOrThrow, spansTask, taskConfig, train } from "reformax/training";
 * await init();
 * const line = '{"question": "Who?", "context": "It was I.", "answers": {"text": ["I"], "answer_start": [7]}}\n';
 * const config = taskConfig("spans", { training: { batch: 1, length: 64 } });
 * const prepared = prepareQuestionsOrThrow(config, new TextEncoder().encode(line.repeat(9)));
 * const losses: number[] = [];
 * const run = train({ task: spansTask(prepared), steps: 2 });
 * await finish(run, ({ metrics }) => losses.push(metrics.loss));
 * console.log(losses.length, losses[0] > 1); // => 2 true
 */
export function spansTask(
  options: SpansOptions,
): LearnedTask<SpansState, SpansValues, SpansMeasurement> {
  checkTaskOptions(options, {}, checkSpansConfig, "spansTask");
  const questions = listOf(askedKind);
  checkRecord(options.data, { train: questions, validation: questions }, "data", "spansTask");
  const { config, data, keys = runKeys(config.training.seed) } = options;
  const { train, validation } = data;
  const { batch, validateBytes } = config.training;
  const learned = spansLearner(config);
  const score = scoreEnds(config);
  const measured = validation.slice(0, validateBytes ?? undefined);
  return {
    ...learned,
    name: spansName,
    metrics: [
      loss,
      { name: "questionsPerSecond", unit: "questions/s", digits: 0, role: "speed" },
      ...learnerMetrics,
    ],
    measured: [
      { name: "f1", digits: 4 },
      { name: "exact", digits: 4 },
      { name: "questions", unit: "questions", digits: 0, role: "sample" },
    ],
    config,
    keys,
    batch: questionBatches(train, config.training, keys),
    read: (metrics, facts): SpansValues => {
      const { nats, ...rest } = learned.read(metrics, facts);
      return { loss: nats, ...rest, questionsPerSecond: batch / facts.seconds };
    },
    ...(measured.length > 0 && {
      measure: (state: SpansState, { breathe }): Promise<SpansMeasurement> =>
        measureSpans(
          score,
          measuredOf<SpansState["params"]>(config.training)(state),
          measured,
          config,
          {
            key: keys.evaluation,
            breathe,
          },
        ),
    }),
  };
}
