import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import type { StreamHealth } from "../../generation/stream-health.ts";
import { logSoftmax } from "../../nn/index.ts";
import { astype, greaterEqual, maximum } from "../../numpy/index.ts";
import * as classifier from "../../reformer/models/classifier.ts";
import type { PassOptions } from "../../reformer/models/run-stack.ts";
import { jit } from "../../transforms/index.ts";
import { concreteTree } from "../concrete-tree.ts";
import { streamHealth } from "../step-metrics.ts";
import { sweepOf, type Learned, type SweepingLearner } from "../task/learner.ts";
import type { ClassifyConfig } from "./config.ts";

/** Windows of texts, i32[B, L] with numbers below 0 where there is no token, and their classes, i32[B], -1 for none. */
export interface LabelBatch<Array extends Value = Value> {
  readonly tokens: Array;
  readonly labels: Array;
}

const realOf = (tokens: Value) => ({
  tokens: maximum(tokens, 0),
  valid: astype(greaterEqual(tokens, 0), "i32"),
});

/** Mean loss in nats per window. */
export function classLossOf(
  { model, task, training }: ClassifyConfig,
  params: classifier.ClassifierParams,
  { tokens: given, labels }: LabelBatch,
  key: Value,
): Learned {
  const { tokens, valid } = realOf(given);
  const { labelSmoothing } = training;
  const options = { mode: "training", valid, pool: task.pool, labelSmoothing } as const;
  return classifier.loss(model, params, tokens, labels, key, options);
}

/** The same with updates inside of the reverse sweep. */
export const classSweep = ({
  model,
  task: { pool },
  training: { labelSmoothing },
}: ClassifyConfig): SweepingLearner<classifier.ClassifierParams, LabelBatch> =>
  sweepOf(
    model.reversible === "exact",
    (optimizer) => classifier.lossAndUpdate(model, optimizer, { labelSmoothing, pool }),
    ({ tokens: given, labels }: LabelBatch, key) => {
      const { tokens, valid } = realOf(given);
      return { inputs: tokens, targets: labels, valid, key };
    },
  );

export interface Scores {
  /** Log probability of each class, f32[B, classes]. */
  readonly scores: Tensor;
  readonly health: StreamHealth;
}

export type ScoreWindows = (
  params: classifier.ClassifierParams,
  batch: LabelBatch<Tensor>,
  key: Tensor,
  options: Pick<PassOptions, "rounds" | "ablation">,
) => Scores;

/** What the classes of windows probably are; compiled when first called. */
export function scoreWindows({ model, task }: ClassifyConfig): ScoreWindows {
  const score = jit(
    (params: classifier.ClassifierParams, batch: LabelBatch, key: Value, options: PassOptions) => {
      const { tokens, valid } = realOf(batch.tokens);
      const pass = { ...options, mode: "evaluation", valid, pool: task.pool } as const;
      const { logits, health } = classifier.loss(model, params, tokens, batch.labels, key, pass);
      return { scores: logSoftmax(logits), health: streamHealth(health) };
    },
    { staticArgnums: [3], name: "scoreWindows" },
  );
  return (...args) => concreteTree(score(...args));
}
