import { checkTaskOptions, checkTextData } from "../task/check-options.ts";
import type { Value } from "../../core/value.ts";
import { initParams } from "../../reformer/models/parameters.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import type { Tokens } from "../data/tokens.ts";
import { unitOf } from "../data/tokens.ts";
import { gatherWindows, windowStarts } from "../data/windows.ts";
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
import { checkMaskedConfig, maskedName, type MaskedConfig } from "./config.ts";
import { measureMasked, type MaskedMeasurement } from "./measure.ts";
import { findHidden, maskedLoss, maskedSweep } from "./model.ts";

/** What a step of learning to fill in hidden tokens reports. */
export interface MaskedValues extends LearnerValues {
  /** Of hidden tokens, whose loss counts alone. */
  readonly bitsPerToken: number;
  readonly tokensPerSecond: number;
}

export type MaskedState = LearnerState<ReformerParams>;

export interface MaskedOptions {
  readonly config: MaskedConfig;
  /** Without validation tokens nothing is measured. */
  readonly data: { readonly train: Tokens; readonly validation?: Tokens };
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
}

/** The model and its optimiser. */
export const maskedLearner = (config: MaskedConfig) =>
  learner<ReformerParams, Value>({
    training: config.training,
    layers: config.model.layers,
    init: (key) => initParams(config.model, key),
    loss: (params, window, key) => maskedLoss(config, params, window, key),
    sweep: maskedSweep(config),
  });

/**
 * Learning to fill in hidden tokens of a text, as BERT does: windows of `training.length` tokens, some of which are hidden anew in every
 * step. The last token of the model's vocabulary stands for them.
 *
 * @example
 * import { init } from "reformax";
 * import { finish, maskedTask, taskConfig, train } from "reformax/training";
 * await init();
 * const config = taskConfig("masked", { training: { batch: 1, length: 64 } });
 * const text = new TextEncoder().encode("to be or not to be ".repeat(50));
 * const run = train({ task: maskedTask({ config, data: { train: text } }), steps: 2 });
 * const losses: number[] = [];
 * await finish(run, ({ metrics }) => losses.push(metrics.bitsPerToken));
 * console.log(losses.length, losses[0] > 7); // => 2 true
 */
export function maskedTask(
  options: MaskedOptions,
): LearnedTask<MaskedState, MaskedValues, MaskedMeasurement> {
  checkTaskOptions(options, {}, checkMaskedConfig, "maskedTask");
  checkTextData(options.data, "maskedTask");
  const { config, data, keys = runKeys(config.training.seed) } = options;
  const { train, validation } = data;
  const { batch, length, validateBytes } = config.training;
  const unit = unitOf(config.data.tokens);
  const loss: Metric = {
    name: "bitsPerToken",
    unit: `bits/hidden ${unit}`,
    digits: 3,
    role: "loss",
  };
  const learned = maskedLearner(config);
  const find = findHidden(config);
  const plan = {
    order: config.data.order,
    tokens: train.length,
    // A window takes one token more than it predicts where the next one is predicted.
    length: length - 1,
    batch,
    words: (at: number, count: number) => keys.words(at, count),
  };
  const measured = validation?.subarray(0, validateBytes ?? undefined);
  return {
    ...learned,
    name: maskedName,
    metrics: [
      loss,
      { name: "tokensPerSecond", unit: "tokens/s", digits: 0, role: "speed" },
      ...learnerMetrics,
    ],
    measured: [
      { ...loss, digits: 4 },
      { name: "accuracy", digits: 4 },
      { name: "unigram", digits: 4 },
      { name: "hidden", unit: `hidden ${unit}s`, digits: 0, role: "sample" },
    ],
    config,
    keys,
    batch: (step) => gatherWindows(train, windowStarts(plan, step), length - 1),
    read: (metrics, facts): MaskedValues => {
      const { nats, ...rest } = learned.read(metrics, facts);
      const tokensPerSecond = (batch * length) / facts.seconds;
      return { bitsPerToken: nats / Math.LN2, ...rest, tokensPerSecond };
    },
    ...(measured &&
      measured.length > 0 && {
        measure: (state: MaskedState, { breathe }): Promise<MaskedMeasurement> =>
          measureMasked(
            find,
            measuredOf<MaskedState["params"]>(config.training)(state),
            measured,
            config,
            { keys, breathe },
          ),
      }),
  };
}
