import type { Tensor } from "../../core/tensor.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import type { ExecutableReport } from "../../ir/backend.ts";
import { applyUpdates, globalNorm } from "../../optim/index.ts";
import { summarizeHashing } from "../../reformer/attention/hash-statistics.ts";
import type { Health } from "../../reformer/stack/reversible.ts";
import { jit, valueAndGrad } from "../../transforms/index.ts";
import type { TrainingConfig } from "../config/training-config.ts";
import { concreteTree } from "../concrete-tree.ts";
import { checkStep, stepNumbers } from "../next-token/health.ts";
import type { HashReplay } from "../next-token/recorded-buckets.ts";
import type { StepMetrics } from "../next-token/model.ts";
import { optimizerOf } from "../optimizer.ts";
import { streamHealth } from "../reformer-step.ts";
import type { Metric } from "./metric.ts";
import type { StepFacts, Task, TaskStep } from "./task.ts";

/** Parameters, and what the optimiser remembers. */
export interface LearnerState<Params> {
  readonly params: Params;
  readonly optimizer: unknown;
}

/** What a task of a model learns by: everything but its data and how it is measured. */
export interface LearnerOptions<Params, Batch> {
  readonly training: TrainingConfig;
  /** Names of the layers from the input up, for messages. */
  readonly layers: readonly string[];
  readonly init: (key: Value) => Params;
  /** The mean loss of a batch in nats, f32[], with dropout. `key` is u32[2]. */
  readonly loss: (params: Params, batch: Batch, key: Value) => Learned;
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

/** Metrics of {@link LearnerValues}. */
export const learnerMetrics: readonly Metric[] = [
  { name: "gradientNorm" },
  { name: "largestStream" },
  { name: "lsh.largestBucket", unit: "tokens" },
  { name: "lsh.beyondChunk", unit: "of all tokens" },
  { name: "lsh.onlySelf", unit: "of all tokens" },
];

/** A compiled training step: the gradient of all parameters, then their updates. */
export function learner<Params, Batch>(options: LearnerOptions<Params, Batch>): Learner<Params> {
  const { training, layers, init, loss } = options;
  const optimizer = optimizerOf(training);
  const step = jit(
    (state: LearnerState<Params>, batch: Batch, key: Value) => {
      const differentiate = valueAndGrad(
        (params: Params): readonly [Value, Health] => {
          const { loss: value, health } = loss(params, batch, key);
          return [value, health];
        },
        { hasAux: true },
      );
      const [[value, health], gradient] = differentiate(state.params);
      const [updates, next] = optimizer.update(gradient, state.optimizer, state.params);
      return {
        state: { params: applyUpdates(state.params, updates), optimizer: next },
        metrics: {
          loss: value,
          gradientNorm: globalNorm(gradient),
          health: streamHealth(health),
          ...(layers.some((name) => name.endsWith("lsh")) && {
            lsh: summarizeHashing(health.hashing),
          }),
        },
      };
    },
    { donateArgnums: [0], name: "trainStep" },
  );
  return {
    init: (key) => {
      const params = jit((from: Value) => init(from), { name: "init" })(key);
      return concreteTree({ params, optimizer: optimizer.init(params) });
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
