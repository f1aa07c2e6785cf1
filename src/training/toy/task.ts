import { checkTaskOptions } from "../task/check-options.ts";
import { measuredOf } from "../measured-params.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import { runKeys, type RunKeys } from "../run-keys.ts";
import { gatherSequences, type Sequence } from "../sequences/batch.ts";
import { measureSequences } from "../sequences/measure.ts";
import { scoreSequences, sequenceLearner } from "../sequences/model.ts";
import {
  learnerMetrics,
  type LearnedTask,
  type LearnerState,
  type LearnerValues,
} from "../task/learner.ts";
import type { Metric } from "../task/metric.ts";
import { checkToyConfig, shapeOf, toyName, type ToyConfig } from "./config.ts";
import { toySequences } from "./sequences.ts";

/** What a step of learning a toy task reports. */
export interface ToyValues extends LearnerValues {
  /** Of each token of an answer. */
  readonly bitsPerToken: number;
  readonly sequencesPerSecond: number;
}

/** How well sequences are answered that no step learns from. */
export interface ToyMeasurement {
  readonly bitsPerToken: number;
  /** Share of the answers' tokens. */
  readonly accuracy: number;
  /** Share of answers that are right as a whole. */
  readonly exact: number;
  readonly sequences: number;
}

export type ToyState = LearnerState<ReformerParams>;

export interface ToyOptions {
  readonly config: ToyConfig;
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
}

const loss: Metric = { name: "bitsPerToken", unit: "bits/token", digits: 3, role: "loss" };

/** Steps are numbered below this: sequences of numbers from here on are in no step. */
const beyondSteps = 2 ** 31;

/** Where `validateBytes` does not say. */
const defaultMeasured = 256;

/** Sequences to measure on, the same for all runs of a seed. */
export const measuredSequences = (
  config: ToyConfig,
  keys: Pick<RunKeys, "words">,
  count = config.training.validateBytes ?? defaultMeasured,
): readonly Sequence[] => toySequences(shapeOf(config), count, keys, beyondSteps);

/**
 * Learning a toy task: to answer questions of symbols, which are new in every step. What comes in is decided by the seed alone.
 *
 * @example
 * import { init } from "reformax";
 * import { finish, taskConfig, toyTask, train } from "reformax/training";
 * await init();
 * const config = taskConfig("toy", { task: { name: "parity" }, training: { batch: 2, length: 16 } });
 * const losses: number[] = [];
 * await finish(train({ task: toyTask({ config }), steps: 2 }), ({ metrics }) =>
 *   losses.push(metrics.bitsPerToken));
 * console.log(losses.length, losses[0] > 3); // => 2 true
 */
export function toyTask(options: ToyOptions): LearnedTask<ToyState, ToyValues, ToyMeasurement> {
  checkTaskOptions(options, {}, checkToyConfig, "toyTask");
  const { config, keys = runKeys(config.training.seed) } = options;
  const { batch, length } = config.training;
  const shape = shapeOf(config);
  const learned = sequenceLearner(config);
  const score = scoreSequences(config);
  return {
    ...learned,
    name: toyName,
    metrics: [
      loss,
      { name: "sequencesPerSecond", unit: "sequences/s", digits: 0, role: "speed" },
      ...learnerMetrics,
    ],
    measured: [
      { ...loss, digits: 4 },
      { name: "accuracy", digits: 4 },
      { name: "exact", digits: 4 },
      { name: "sequences", unit: "sequences", digits: 0, role: "sample" },
    ],
    config,
    keys,
    batch: (step) => gatherSequences(toySequences(shape, batch, keys, step), length),
    read: (metrics, facts): ToyValues => {
      const { nats, ...rest } = learned.read(metrics, facts);
      const sequencesPerSecond = batch / facts.seconds;
      return { bitsPerToken: nats / Math.LN2, ...rest, sequencesPerSecond };
    },
    measure: async (state, { breathe }) => {
      const params = measuredOf<ReformerParams>(config.training)(state);
      const how = { key: keys.evaluation, breathe };
      const found = await measureSequences(
        score,
        params,
        measuredSequences(config, keys),
        config,
        how,
      );
      const { bits, accuracy, exact, sequences } = found;
      return { bitsPerToken: bits, accuracy, exact, sequences };
    },
  };
}
