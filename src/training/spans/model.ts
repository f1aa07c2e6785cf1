import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import type { StreamHealth } from "../../generation/stream-health.ts";
import { astype, greaterEqual, maximum } from "../../numpy/index.ts";
import type { PassOptions } from "../../reformer/models/run-stack.ts";
import * as spans from "../../reformer/models/span-model.ts";
import { jit } from "../../transforms/index.ts";
import { concreteTree } from "../concrete-tree.ts";
import { streamHealth } from "../step-metrics.ts";
import { sweepOf, type Learned, type SweepingLearner } from "../task/learner.ts";
import type { SpansConfig } from "./config.ts";
import type { SpanBatch } from "./windows.ts";

const realOf = (tokens: Value) => ({
  tokens: maximum(tokens, 0),
  valid: astype(greaterEqual(tokens, 0), "i32"),
});

/** Mean loss in nats per end of an answer. */
export function spanLossOf(
  { model }: SpansConfig,
  params: spans.SpanParams,
  { tokens: given, start, end }: SpanBatch,
  key: Value,
): Learned {
  const { tokens, valid } = realOf(given);
  return spans.loss(model, params, tokens, { start, end }, key, { mode: "training", valid });
}

/** The same with updates inside of the reverse sweep. */
export const spanSweep = ({ model }: SpansConfig): SweepingLearner<spans.SpanParams, SpanBatch> =>
  sweepOf(
    model.reversible === "exact",
    (optimizer) => spans.lossAndUpdate(model, optimizer),
    ({ tokens: given, start, end }: SpanBatch, key) => {
      const { tokens, valid } = realOf(given);
      return { inputs: tokens, targets: { start, end }, valid, key };
    },
  );

export interface EndScores {
  /** Of each token as the first and as the last one of an answer, f32[B, L]. */
  readonly start: Tensor;
  readonly end: Tensor;
  /** Mean loss of the windows that hold their answer, f32[]. */
  readonly loss: Tensor;
  readonly health: StreamHealth;
}

export type ScoreEnds = (
  params: spans.SpanParams,
  batch: SpanBatch<Tensor>,
  key: Tensor,
  options: Pick<PassOptions, "rounds" | "ablation">,
) => EndScores;

/** Where answers probably begin and end; compiled when first called. */
export function scoreEnds({ model }: SpansConfig): ScoreEnds {
  const score = jit(
    (
      params: spans.SpanParams,
      { tokens: given, ...answers }: SpanBatch,
      key: Value,
      options: PassOptions,
    ) => {
      const { tokens, valid } = realOf(given);
      const pass = { ...options, mode: "evaluation", valid } as const;
      const { logits, loss, health } = spans.loss(model, params, tokens, answers, key, pass);
      return { ...logits, loss, health: streamHealth(health) };
    },
    { staticArgnums: [3], name: "scoreEnds" },
  );
  return (...args) => concreteTree(score(...args));
}
