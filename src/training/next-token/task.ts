import { checkModel } from "../kinds.ts";
import { checkTaskOptions, checkTextData } from "../task/check-options.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkTrainConfig, type TrainConfig } from "../config/train-config.ts";
import { contextRule } from "../data/evaluation-plan.ts";
import type { MeasuredTokens } from "../data/prepared-data.ts";
import { unitOf, type Tokens } from "../data/tokens.ts";
import { runKeys, type RunKeys } from "../run-keys.ts";
import { nextTokenName } from "../task/name.ts";
import type { StepFacts, Task } from "../task/task.ts";
import { nextTokenBatches } from "./batches.ts";
import { measure } from "./evaluation.ts";
import { checkStep, stepNumbers } from "./health.ts";
import type { StepMetrics, TrainableModel } from "./model.ts";
import {
  bitsOf,
  stepMetrics,
  validationMetrics,
  type StepValues,
  type ValidationValues,
} from "./records.ts";

/** What predicting the next token of a text consists of. */
export interface NextTokenOptions<State> {
  readonly model: TrainableModel<State>;
  readonly config: TrainConfig;
  readonly data: MeasuredTokens;
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
}

/** Predicting each token of a text from those before it. */
export interface NextTokenTask<State> extends Task<State, StepValues, ValidationValues> {
  /** i32[B, L + 1]: columns 0 to L - 1 predict columns 1 to L. */
  batch(step: number): Tensor;
  parameterCount(state: State): number;
  read(metrics: StepMetrics, facts: StepFacts): StepValues;
}

/** Windows of an evaluation overlap by half. */
export const strideOf = (length: number): number => Math.ceil(length / 2);

/**
 * The task of a language model: to predict each token of a text from those before it, in windows and batches as the
 * configuration says. `train({ model, config, data })` makes one and runs it.
 *
 * @throws ReformaxError when the training data are no tokens
 * @example
 * import { init } from "reformax";
 * import { nextTokenTask, reformerModel, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 2, length: 64 } });
 * const text = new TextEncoder().encode("to be or not to be ".repeat(50));
 * const task = nextTokenTask({ model: reformerModel(config), config, data: { train: text } });
 * console.log(task.name, task.batch(0).shape); // => next-token [ 2, 65 ]
 */
export function nextTokenTask<State>(options: NextTokenOptions<State>): NextTokenTask<State> {
  const where = "nextTokenTask";
  checkTaskOptions(options, { model: "object" }, checkTrainConfig, where);
  checkModel(options.model, where);
  checkTextData(options.data, where);
  const { model, config, data, keys = runKeys(config.training.seed) } = options;
  const { train, validation, validationBytes } = data;
  const { batch, length } = config.training;
  const { tokens } = config.data;
  const measures = validation !== undefined && validation.length > 0;
  return {
    name: nextTokenName,
    metrics: stepMetrics(tokens),
    measured: validationMetrics(tokens, validationBytes !== undefined),
    config,
    keys,
    init: (key) => model.init(key),
    parameterCount: (state) => model.parameterCount(state),
    batch: nextTokenBatches(config, train, keys),
    step: (state, window: Tensor, key) => model.step(state, window, key),
    read: (metrics: StepMetrics, { step, seconds }) => {
      const numbers = stepNumbers(metrics);
      checkStep(numbers, step, model.layers);
      const { loss, learningRate, gradientNorm, largestStream, lsh, rebuilt } = numbers;
      return {
        ...bitsOf(loss, unitOf(tokens)),
        learningRate,
        gradientNorm,
        largestStream,
        lsh,
        rebuilt,
        tokensPerSecond: (batch * length) / seconds,
      };
    },
    ...(measures && {
      measure: (state, { breathe }) =>
        measureOn(validation, validationBytes, config, model, state, keys, breathe),
    }),
  };
}

/** Measures a state on validation tokens, as the configuration says. */
async function measureOn<State>(
  tokens: Tokens,
  bytes: number | undefined,
  { training, data }: TrainConfig,
  model: TrainableModel<State>,
  state: State,
  keys: RunKeys,
  onProgress: () => Promise<void>,
): Promise<ValidationValues> {
  const { batch, length, validateBytes } = training;
  const stride = strideOf(length);
  // Of a text, whoever made ids of it has taken as many bytes.
  const most = bytes === undefined ? (validateBytes ?? undefined) : undefined;
  const measured = await measure(model, state, tokens.subarray(0, most), {
    bytes,
    length,
    stride,
    batch,
    key: keys.evaluation,
    onProgress,
  });
  return { ...measured, context: contextRule(length, stride, unitOf(data.tokens)) };
}
