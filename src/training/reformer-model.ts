import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { outputLogits } from "../reformer/outputs/next-token.ts";
import { initParams } from "../reformer/models/parameters.ts";
import { tokenLosses } from "../reformer/models/language-model.ts";
import type { HashBuckets } from "../reformer/models/hash-buckets.ts";
import { runStack, type Ablation, type PassOptions } from "../reformer/models/run-stack.ts";
import { checkLength } from "../reformer/models/token-vectors.ts";
import type { ReformerParams } from "../reformer/models/params.ts";
import type { ReformerConfig } from "../reformer/models/config.ts";
import { jit } from "../transforms/index.ts";
import { checkEvaluateCall, checkPredictCall, checkState, checkStepCall } from "./check-calls.ts";
import { tensorsIn } from "./checkpoint/tensors.ts";
import { requireKey } from "../random/key.ts";
import { concreteTree } from "./concrete-tree.ts";
import { checkTrainConfig, type TrainConfig } from "./config/train-config.ts";
import { splitWindow } from "./data/token-window.ts";
import type { Prediction } from "../generation/predictor.ts";
import type { Evaluation, StepMetrics, TrainableModel } from "./next-token/model.ts";
import { measuredParams } from "./measured-params.ts";
import { stepOf, type ReformerState } from "./reformer-step.ts";
import { streamHealth } from "./step-metrics.ts";
import { textReaders } from "./text-readers.ts";

/**
 * The Reformer language model and its optimiser as pure, compiled functions: what {@link train},
 * {@link measure} and {@link generate} need. Nothing in its step is hidden: written out, as below,
 * it gives the same bits.
 *
 * @throws ReformaxError when a training window does not fit the model's positions
 * @example
 * import { init, jit, valueAndGrad, type Value } from "reformax";
 * import { sliceInDim } from "reformax/lax";
 * import { applyUpdates } from "reformax/optim";
 * import { initParams, loss, type ReformerParams } from "reformax/reformer";
 * import { gatherWindows, optimizerOf, parameterHash } from "reformax/training";
 * import { reformerModel, runKeys, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 64 } });
 * const keys = runKeys(config.training.seed);
 * const text = new TextEncoder().encode("to be or not to be ".repeat(5));
 * const window = gatherWindows(text, [0], 64);
 *
 * const optimizer = optimizerOf(config.training);
 * const step = jit(
 *   (params: ReformerParams, state: unknown, batch: Value, key: Value) => {
 *     const inputs = sliceInDim(batch, 0, 64, 1);
 *     const targets = sliceInDim(batch, 1, 65, 1);
 *     const lossOf = (p: ReformerParams) =>
 *       loss(config.model, p, inputs, targets, key, { mode: "training" }).loss;
 *     const [value, gradient] = valueAndGrad(lossOf)(params);
 *     const [updates, next] = optimizer.update(gradient, state, params);
 *     return { loss: value, params: applyUpdates(params, updates), state: next };
 *   },
 *   { donateArgnums: [0, 1] },
 * );
 * const params = initParams(config.model, keys.initial);
 * const own = step(params, optimizer.init(params), window, keys.step(0));
 *
 * const model = reformerModel(config);
 * const given = model.step(model.init(keys.initial), window, keys.step(0));
 * console.log(parameterHash(own.params) === parameterHash(given.state.params)); // => true
 */
export function reformerModel(config: TrainConfig): TrainableModel<ReformerState> {
  checkTrainConfig(config, "reformerModel");
  const model: ReformerConfig = config.model;
  checkLength(model, config.training.length);
  const hasGaps = config.data.order === "whole" || config.data.tokens !== "bytes";
  const { init, step } = stepOf(config, hasGaps);
  const measured = measuredParams(config);

  const evaluate = jit(
    (
      params: ReformerParams,
      batch: Value,
      key: Value,
      given: HashBuckets | null,
      options: PassOptions,
      recordsBuckets: boolean,
    ) => {
      const { inputs, targets, valid } = splitWindow(batch, hasGaps);
      const pass = { ...options, valid, mode: "evaluation", buckets: given ?? undefined } as const;
      const { losses, health, buckets } = tokenLosses(model, params, inputs, targets, key, pass);
      return { losses, health: streamHealth(health), ...(recordsBuckets && { buckets }) };
    },
    { staticArgnums: [4, 5], name: "evaluate" },
  );

  const predict = jit(
    (
      params: ReformerParams,
      tokens: Value,
      last: Value,
      key: Value,
      rounds: number | undefined,
    ) => {
      const { streams, health } = runStack(model, params, tokens, key, {
        mode: "evaluation",
        rounds,
      });
      const at = (x: Value): Value =>
        ops.dynamicSlice(
          x,
          [ops.literal(0, "i32"), last, ops.literal(0, "i32")],
          [1, 1, x.shape[2]],
        );
      const logits = outputLogits(model, params, {
        first: at(streams.first),
        second: at(streams.second),
      });
      return { logits: ops.reshape(logits, [model.vocabulary]), health: streamHealth(health) };
    },
    { staticArgnums: [4], name: "predict" },
  );

  return {
    vocabulary: model.vocabulary,
    layers: model.layers,
    ...textReaders(model, measured),
    init: (key) => {
      requireKey(key, "init");
      const params = jit((k: Value) => initParams(model, k), { name: "init" })(key);
      return concreteTree(init(params));
    },
    parameterCount: (state) => {
      checkState(state, "parameterCount");
      const params = tensorsIn(state.params, "state.params", "parameterCount");
      return [...params.values()].reduce((sum, { size }) => sum + size, 0);
    },
    step: (state, batch, key, options = {}) => {
      checkStepCall(state, batch, key, options, "step");
      const { buckets = null, recordsBuckets = false } = options;
      const result = step(state, batch, key, buckets, recordsBuckets);
      return {
        state: concreteTree(result.state),
        metrics: concreteTree<StepMetrics>(result.metrics),
      };
    },
    planStep: (state, batch, key) => {
      checkStepCall(state, batch, key, {}, "planStep");
      return step.lower(state, batch, key, null, false).report;
    },
    evaluate: (state, batch, key, given) => {
      checkEvaluateCall(state, batch, key, given);
      const { rounds, ablation, buckets = null, recordsBuckets = false } = given;
      const options = { rounds, ablation: ablationOf(ablation) };
      return concreteTree<Evaluation>(
        evaluate(measured(state), batch, key, buckets, options, recordsBuckets),
      );
    },
    predict: (state, tokens, last, key, options) => {
      checkPredictCall(state, tokens, last, key, options);
      const at = ops.literal(last, "i32");
      return concreteTree<Prediction>(predict(measured(state), tokens, at, key, options.rounds));
    },
  };
}

/** The ablations that a Reformer knows. */
export const ablations: readonly Ablation[] = ["lsh-output", "local-output", "lsh-buckets"];

function ablationOf(name: string | undefined): Ablation | undefined {
  const known = ablations.find((ablation) => ablation === name);
  if (name === undefined || known) return known;
  throw new ReformaxError("there is no such ablation", {
    where: "evaluate",
    expected: ablations.join(", "),
    got: name,
  });
}
