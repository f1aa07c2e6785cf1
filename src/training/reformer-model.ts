import { Tensor } from "../core/tensor.ts";
import { BackendError, ReformaxError } from "../core/errors.ts";
import * as tree from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import {
  adam,
  adamw,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  constant,
  cosine,
  globalNorm,
  join,
  linear,
  sgd,
  warmup,
  warmupRsqrt,
  type GradientTransformation,
  type Schedule,
} from "../optim/index.ts";
import { summarize } from "../reformer/hash-statistics.ts";
import { headLogits } from "../reformer/head.ts";
import { initParams } from "../reformer/parameters.ts";
import {
  checkLength,
  loss,
  runStack,
  tokenLosses,
  type Ablation,
  type PassOptions,
  type ReformerParams,
} from "../reformer/language-model.ts";
import type { ReformerConfig } from "../reformer/config.ts";
import type { Health } from "../reformer/reversible.ts";
import { jit, valueAndGrad } from "../transforms/index.ts";
import type { TrainConfig } from "./config/train-config.ts";
import type { TrainingConfig } from "./config/training-config.ts";
import type { StepMetrics, TrainableModel } from "./model-interface.ts";

export interface ReformerState {
  readonly params: ReformerParams;
  readonly optimizer: unknown;
}

/** The Reformer language model and its optimiser as pure, compiled functions for the training loop. */
export function reformerModel(config: TrainConfig): TrainableModel<ReformerState> {
  const model: ReformerConfig = config.model;
  checkLength(model, config.training.length);
  const hashes = model.layers.includes("lsh");
  const hasGaps = config.data.order === "whole" || config.data.tokens !== "bytes";
  const schedule = scheduleOf(config.training);
  const optimizer = optimizerOf(config.training, schedule);

  const step = jit(
    (state: ReformerState, batch: Value, key: Value) => {
      const { inputs, targets, valid } = splitWindow(batch, hasGaps);
      const differentiate = valueAndGrad(
        (params: ReformerParams): readonly [Value, Health] => {
          const result = loss(model, params, inputs, targets, key, {
            mode: "training",
            valid,
          });
          return [result.loss, result.health];
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
          health: { largest: health.magnitude, badLayer: health.badLayer },
          ...(hashes && { lsh: summarize(health.hashing) }),
        },
      };
    },
    { donateArgnums: [0], name: "trainStep" },
  );

  const evaluate = jit(
    (params: ReformerParams, batch: Value, key: Value, options: PassOptions) => {
      const { inputs, targets, valid } = splitWindow(batch, hasGaps);
      const evaluation = { ...options, valid, mode: "evaluation" } as const;
      return tokenLosses(model, params, inputs, targets, key, evaluation).losses;
    },
    { staticArgnums: [3], name: "evaluate" },
  );

  const predict = jit(
    (
      params: ReformerParams,
      tokens: Value,
      last: Value,
      key: Value,
      rounds: number | undefined,
    ) => {
      const { streams } = runStack(model, params, tokens, key, { mode: "evaluation", rounds });
      const at = (x: Value): Value =>
        ops.dynamicSlice(
          x,
          [ops.literal(0, "i32"), last, ops.literal(0, "i32")],
          [1, 1, x.shape[2]],
        );
      const logits = headLogits(model, params, {
        first: at(streams.first),
        second: at(streams.second),
      });
      return ops.reshape(logits, [model.vocabulary]);
    },
    { staticArgnums: [4], name: "predict" },
  );

  return {
    vocabulary: model.vocabulary,
    layers: model.layers,
    init: (key) => {
      const params = jit((k: Value) => initParams(model, k), { name: "init" })(key);
      return concreteTree({ params, optimizer: optimizer.init(params) });
    },
    parameterCount: ({ params }) =>
      tree.leaves<Tensor>(params).reduce((sum, leaf) => sum + leaf.size, 0),
    step: (state, batch, key) => {
      const result = step(state, batch, key);
      return {
        state: concreteTree(result.state),
        metrics: concreteTree<StepMetrics>(result.metrics),
      };
    },
    evaluate: (state, batch, key, { rounds, ablation }) =>
      concrete(evaluate(state.params, batch, key, { rounds, ablation: ablationOf(ablation) })),
    predict: (state, tokens, last, key, { rounds }) =>
      concrete(predict(state.params, tokens, ops.literal(last, "i32"), key, rounds)),
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

interface Window {
  readonly inputs: Value;
  readonly targets: Value;
  /** 1 at real inputs, i32[B, L]; null where all are. */
  readonly valid: Value | null;
}

/** i32[B, L + 1] as inputs and targets i32[B, L]. Gaps are tokens below 0. */
function splitWindow(batch: Value, hasGaps: boolean): Window {
  const [rows, columns] = batch.shape;
  const inputs = ops.slice(batch, [0, 0], [rows, columns - 1]);
  const targets = ops.slice(batch, [0, 1], [rows, columns]);
  if (!hasGaps) return { inputs, targets, valid: null };
  const zeros = ops.zerosLike(inputs);
  return {
    inputs: ops.max(inputs, zeros),
    targets,
    valid: ops.convert(ops.ge(inputs, zeros), "i32"),
  };
}

function concrete(value: Value): Tensor {
  if (value instanceof Tensor) return value;
  throw new BackendError("a compiled function returned a traced value", { where: "reformerModel" });
}

/** The same tree, typed as what it holds outside of a trace. */
const concreteTree = <T>(values: unknown): T => tree.map(concrete, values) as T;

/** The learning rate of each step, counted from 1. */
export function scheduleOf({ schedule }: Pick<TrainingConfig, "schedule">): Schedule {
  const { kind, rate, warmup: rising, horizon } = schedule;
  switch (kind) {
    case "constant":
      return rising === 0 ? constant(rate) : warmup(rising, rate);
    case "rsqrt":
      return warmupRsqrt(rising, rate);
    case "cosine": {
      const falling = cosine(Math.max(1, horizon - rising), rate, rate * schedule.floor);
      return rising === 0 ? falling : join([rising], [linear(rising, 0, rate), falling]);
    }
    default:
      return kind satisfies never;
  }
}

function optimizerOf(
  { optimizer, clip }: TrainingConfig,
  schedule: Schedule,
): GradientTransformation {
  const rule = updateRule(optimizer, schedule);
  return clip === null ? rule : chain(clipByGlobalNorm(clip), rule);
}

function updateRule(
  optimizer: TrainingConfig["optimizer"],
  schedule: Schedule,
): GradientTransformation {
  switch (optimizer.kind) {
    case "sgd":
      return sgd(schedule, { momentum: optimizer.momentum });
    case "adam":
      return adam(schedule, {
        b1: optimizer.beta1,
        b2: optimizer.beta2,
        epsilon: optimizer.epsilon,
      });
    case "adamw":
      return adamw(schedule, {
        b1: optimizer.beta1,
        b2: optimizer.beta2,
        epsilon: optimizer.epsilon,
        weightDecay: optimizer.weightDecay,
      });
    default:
      return optimizer satisfies never;
  }
}
