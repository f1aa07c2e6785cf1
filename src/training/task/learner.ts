import type { Tensor } from "../../core/tensor.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import type { ExecutableReport } from "../../ir/backend.ts";
import type { GradientTransformation } from "../../optim/index.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import {
  initUpdateState,
  type UpdateState,
  type UpdateStep,
} from "../../reformer/models/update-through.ts";
import type { Health } from "../../reformer/stack/reversible.ts";
import { jit } from "../../transforms/index.ts";
import type { TrainingConfig } from "../config/training-config.ts";
import { concreteTree } from "../concrete-tree.ts";
import { checkStep, stepNumbers } from "../next-token/health.ts";
import type { HashReplay } from "../next-token/recorded-buckets.ts";
import type { StepMetrics } from "../next-token/model.ts";
import { optimizerOf } from "../optimizer.ts";
import { passMetrics, updateByGradient, type Learning } from "../step-metrics.ts";
import type { Metric } from "./metric.ts";
import type { StepFacts, Task, TaskStep } from "./task.ts";

/** Parameters, and what the optimiser remembers: of all, or of each layer where layers are updated in the sweep. */
export type LearnerState<Params> = Learning<Params>;

/** What a task of a model learns by: everything but its data and how it is measured. */
export interface LearnerOptions<Params, Batch> {
  readonly training: TrainingConfig;
  /** Names of the layers from the input up, for messages. */
  readonly layers: readonly string[];
  readonly init: (key: Value) => Params;
  /** The mean loss of a batch in nats, f32[], with dropout. `key` is u32[2]. */
  readonly loss: (params: Params, batch: Batch, key: Value) => Learned;
  /** The same where layers are updated inside of the reverse sweep, if the model can: `training.update` "inSweep". */
  readonly sweep?: SweepingLearner<Params, Batch>;
}

/** Updates inside of the reverse sweep. */
export interface SweepingLearner<Params, Batch> {
  readonly init: (optimizer: GradientTransformation, params: Params) => LearnerState<Params>;
  readonly step: (
    optimizer: GradientTransformation,
  ) => (state: LearnerState<Params>, batch: Batch, key: Value) => Swept<Params>;
}

interface Swept<Params> extends Learned {
  readonly state: LearnerState<Params>;
  /** Hashes of the exact streams below the layers, in the forward pass and as the sweep rebuilt them. */
  readonly bottom?: { readonly forward: Value; readonly rebuilt: Value };
}

export interface Learned {
  /** f32[] */
  readonly loss: Value;
  readonly health: Health;
}

/** What a step of a learner reports, whatever it learns. */
export interface LearnerValues {
  readonly gradientNorm?: number;
  readonly largestStream?: number;
  readonly lsh?: {
    readonly largestBucket: number;
    readonly beyondChunk: number;
    readonly onlySelf: number;
  };
}

/** The parts of a task that a model and an optimiser decide. */
export interface Learner<Params> {
  init(key: Tensor): LearnerState<Params>;
  parameterCount(state: LearnerState<Params>): number;
  step(state: LearnerState<Params>, batch: unknown, key: Tensor): TaskStep<LearnerState<Params>>;
  /** What compiling such a step tells, its memory above all, without running it. */
  planStep(state: LearnerState<Params>, batch: unknown, key: Tensor): ExecutableReport;
  /** The loss in nats and the rest of a step; throws where it went wrong. */
  read(metrics: unknown, facts: StepFacts): LearnerValues & { readonly nats: number };
}

/** A task that a configuration describes, ready to be run by the program. */
export interface LearnedTask<
  State = unknown,
  Values extends object = object,
  Measured extends object = object,
> extends Task<State, Values, Measured> {
  parameterCount(state: State): number;
  planStep?(state: State, batch: unknown, key: Tensor): ExecutableReport | undefined;
  /** The same task with its hash buckets recorded, or those of another run; absent where that is not possible. */
  replay?(hashes: HashReplay): Task<State, Values, Measured>;
}

/** Sweeps of a Reformer with any output: its step, and what the step takes of a batch. */
export const sweepOf = <Head, Batch, Targets>(
  exact: boolean,
  stepOf: (optimizer: GradientTransformation) => UpdateStep<Head, Targets>,
  take: (
    batch: Batch,
    key: Value,
  ) => {
    readonly inputs: Value;
    readonly targets: Targets;
    readonly valid: Value;
    readonly key: Value;
  },
): SweepingLearner<ReformerParams<Head>, Batch> => ({
  init: (optimizer, params) => initUpdateState(optimizer, params),
  step: (optimizer) => {
    const step = stepOf(optimizer);
    return (state, batch, given) => {
      const { inputs, targets, valid, key } = take(batch, given);
      const swept = step(state as UpdateState<Head>, inputs, targets, key, { valid });
      const { bottom, ...rest } = swept;
      return { ...rest, ...(exact && { bottom }) };
    };
  },
});

/** Metrics of {@link LearnerValues}. */
export const learnerMetrics: readonly Metric[] = [
  { name: "gradientNorm" },
  { name: "largestStream" },
  { name: "lsh.largestBucket", unit: "tokens" },
  { name: "lsh.beyondChunk", unit: "of all tokens" },
  { name: "lsh.onlySelf", unit: "of all tokens" },
];

/** A compiled training step: the gradient of all parameters, then their updates, unless the configuration wants them in the sweep. */
export function learner<Params, Batch>(options: LearnerOptions<Params, Batch>): Learner<Params> {
  const { training, layers, init, loss } = options;
  const optimizer = optimizerOf(training);
  const { sweep } = training.update === "inSweep" ? options : {};
  const inSweep = sweep?.step(optimizer);
  const step = jit(
    (state: LearnerState<Params>, batch: Batch, key: Value) => {
      if (!inSweep) {
        const { passed: _, ...updated } = updateByGradient(optimizer, layers, state, (params) =>
          loss(params, batch, key),
        );
        return updated;
      }
      const { state: next, loss: value, health, bottom } = inSweep(state, batch, key);
      const metrics = { loss: value, ...passMetrics(layers, health), ...(bottom && { bottom }) };
      return { state: next, metrics };
    },
    { donateArgnums: [0], name: "trainStep" },
  );
  return {
    init: (key) => {
      const params = jit((from: Value) => init(from), { name: "init" })(key);
      return concreteTree(
        sweep ? sweep.init(optimizer, params) : { params, optimizer: optimizer.init(params) },
      );
    },
    parameterCount: ({ params }) =>
      tree.leaves<Tensor>(params).reduce((sum, leaf) => sum + leaf.size, 0),
    step: (state, batch, key) => concreteTree(step(state, batch as Batch, key)),
    planStep: (state, batch, key) => step.lower(state, batch as Batch, key).report,
    read: (metrics, { step: number }) => {
      const numbers = stepNumbers(metrics as StepMetrics);
      checkStep(numbers, number, layers);
      const { loss: nats, gradientNorm, largestStream, lsh } = numbers;
      return { nats, gradientNorm, largestStream, lsh };
    },
  };
}
