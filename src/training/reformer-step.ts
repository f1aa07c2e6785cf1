import type { Value } from "../core/value.ts";
import type { GradientTransformation } from "../optim/index.ts";
import { loss } from "../reformer/models/language-model.ts";
import type { HashBuckets } from "../reformer/models/hash-buckets.ts";
import type { ReformerParams } from "../reformer/models/params.ts";
import { lossAndUpdate } from "../reformer/models/loss-and-update.ts";
import { initUpdateState, type UpdateState } from "../reformer/models/update-through.ts";
import { jit, type Jitted } from "../transforms/index.ts";
import type { TrainConfig } from "./config/train-config.ts";
import { splitWindow } from "./data/token-window.ts";
import { optimizerOf } from "./optimizer.ts";
import { passMetrics, updateByGradient } from "./step-metrics.ts";

export interface ReformerState {
  readonly params: ReformerParams;
  /** One state for all parameters, or one for each layer where layers are updated in the sweep. */
  readonly optimizer: unknown;
}

/** A training step as a compiled function, and the state that it begins with. */
export interface ReformerStep {
  readonly init: (params: ReformerParams) => ReformerState;
  /** The next state and the step's metrics, from i32[B, L + 1], a key, and buckets that replace hashing. The state's storage is taken over. */
  readonly step: Jitted<StepArguments, Stepped>;
}

type StepArguments = [
  state: ReformerState,
  batch: Value,
  key: Value,
  buckets: HashBuckets | null,
  recordsBuckets: boolean,
];

interface Stepped {
  readonly state: unknown;
  readonly metrics: unknown;
}

/** The step that a configuration asks for. `hasGaps`: batches hold numbers below 0 where there is no token. */
export function stepOf(config: TrainConfig, hasGaps: boolean): ReformerStep {
  const optimizer = optimizerOf(config.training);
  return config.training.update === "inSweep"
    ? sweepingStep(config, optimizer, hasGaps)
    : plainStep(config, optimizer, hasGaps);
}

const compile = (step: (...args: StepArguments) => Stepped): ReformerStep["step"] =>
  jit(step, { donateArgnums: [0], staticArgnums: [4], name: "trainStep" });

/** All gradients, then all updates. */
function plainStep(
  { model, training: { labelSmoothing } }: TrainConfig,
  optimizer: GradientTransformation,
  hasGaps: boolean,
): ReformerStep {
  const step = compile((state, batch, key, given, recordsBuckets) => {
    const { inputs, targets, valid } = splitWindow(batch, hasGaps);
    const options = {
      mode: "training",
      valid,
      buckets: given ?? undefined,
      labelSmoothing,
    } as const;
    const { passed, ...updated } = updateByGradient(optimizer, model.layers, state, (params) =>
      loss(model, params, inputs, targets, key, options),
    );
    const { metrics } = updated;
    const { buckets } = passed;
    return { ...updated, metrics: { ...metrics, ...(recordsBuckets && { buckets }) } };
  });
  return { init: (params) => ({ params, optimizer: optimizer.init(params) }), step };
}

/** Each layer is updated where its gradient becomes complete. */
function sweepingStep(
  { model, training: { labelSmoothing } }: TrainConfig,
  optimizer: GradientTransformation,
  hasGaps: boolean,
): ReformerStep {
  const update = lossAndUpdate(model, optimizer, { labelSmoothing });
  const step = compile((state, batch, key, given, recordsBuckets) => {
    const { inputs, targets, valid } = splitWindow(batch, hasGaps);
    const options = { valid, buckets: given ?? undefined };
    const result = update(state as UpdateState, inputs, targets, key, options);
    return {
      state: result.state,
      metrics: {
        loss: result.loss,
        ...passMetrics(model.layers, result.health),
        ...(model.reversible === "exact" && { bottom: result.bottom }),
        ...(recordsBuckets && { buckets: result.buckets }),
      },
    };
  });
  return { init: (params) => initUpdateState(optimizer, params), step };
}
