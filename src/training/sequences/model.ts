import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import type { StreamHealth } from "../../generation/stream-health.ts";
import { loss } from "../../reformer/models/language-model.ts";
import { initParams } from "../../reformer/models/parameters.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import { runStack, type PassOptions } from "../../reformer/models/run-stack.ts";
import { likeliestTokens } from "../../reformer/outputs/likeliest-tokens.ts";
import { chunkedLosses } from "../../reformer/outputs/next-token.ts";
import { jit } from "../../transforms/index.ts";
import { concreteTree } from "../concrete-tree.ts";
import type { ModelConfig } from "../config/model-config.ts";
import type { TrainingConfig } from "../config/training-config.ts";
import { streamHealth } from "../step-metrics.ts";
import { learner } from "../task/learner.ts";
import type { SequenceBatch } from "./batch.ts";

/** What tasks of whole sequences have in their configurations. */
export interface SequenceRun {
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
}

/** A model of the next token, and its optimiser: it learns what the targets of a batch ask for. */
export const sequenceLearner = ({ model, training }: SequenceRun) =>
  learner<ReformerParams, SequenceBatch<Value>>({
    training,
    layers: model.layers,
    init: (key) => initParams(model, key),
    loss: (params, { tokens, targets }, key) =>
      loss(model, params, tokens, targets, key, {
        mode: "training",
        labelSmoothing: training.labelSmoothing,
      }),
  });

/** How sequences were predicted. */
export interface Scores {
  /** In nats, f32[B, L]; 0 where nothing is asked for. */
  readonly losses: Tensor;
  /** The likeliest tokens, i32[B, L]. */
  readonly tokens: Tensor;
  readonly health: StreamHealth;
}

export type ScoreSequences = (
  params: ReformerParams,
  batch: SequenceBatch,
  key: Tensor,
  options: Pick<PassOptions, "rounds" | "ablation">,
) => Scores;

/** Compiled when first called. */
export function scoreSequences({ model }: Pick<SequenceRun, "model">): ScoreSequences {
  const score = jit(
    (
      params: ReformerParams,
      { tokens, targets }: SequenceBatch<Value>,
      key: Value,
      options: PassOptions,
    ) => {
      const pass = { ...options, mode: "evaluation" } as const;
      const { streams, health } = runStack(model, params, tokens, key, pass);
      return {
        losses: chunkedLosses(model, params, streams, targets),
        tokens: likeliestTokens(model, params, streams),
        health: streamHealth(health),
      };
    },
    { staticArgnums: [3], name: "scoreSequences" },
  );
  return (...args) => concreteTree(score(...args));
}
