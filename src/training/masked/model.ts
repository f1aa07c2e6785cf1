import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import type { StreamHealth } from "../../generation/stream-health.ts";
import { astype, greaterEqual, maximum } from "../../numpy/index.ts";
import { foldIn, split } from "../../random/index.ts";
import * as maskedModel from "../../reformer/models/masked-model.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import type { PassOptions } from "../../reformer/models/run-stack.ts";
import { maskTokens } from "../../reformer/outputs/mask-tokens.ts";
import { jit } from "../../transforms/index.ts";
import { concreteTree } from "../concrete-tree.ts";
import { streamHealth } from "../step-metrics.ts";
import { sweepOf, type Learned, type SweepingLearner } from "../task/learner.ts";
import type { MaskedConfig } from "./config.ts";

/** The last token of the vocabulary. */
export const maskTokenOf = ({ model }: Pick<MaskedConfig, "model">): number => model.vocabulary - 1;

/** Hides some tokens of windows i32[B, L], whose numbers below 0 are no tokens. */
function hide(config: MaskedConfig, window: Value, key: Value) {
  const maskToken = maskTokenOf(config);
  const valid = astype(greaterEqual(window, 0), "i32");
  const { rate } = config.task;
  const options = { maskToken, vocabulary: maskToken, rate, valid };
  return { ...maskTokens(key, maximum(window, 0), options), valid };
}

/** Mean loss in nats per hidden token of windows i32[B, L]. */
export function maskedLoss(
  config: MaskedConfig,
  params: ReformerParams,
  window: Value,
  key: Value,
): Learned {
  const [forHiding, forPass] = split(key);
  const { inputs, targets, valid } = hide(config, window, forHiding);
  const { labelSmoothing } = config.training;
  const options = { mode: "training", valid, labelSmoothing } as const;
  return maskedModel.loss(config.model, params, inputs, targets, forPass, options);
}

/** The same with updates inside of the reverse sweep. */
export const maskedSweep = (config: MaskedConfig): SweepingLearner<ReformerParams, Value> =>
  sweepOf(
    config.model.reversible === "exact",
    (optimizer) =>
      maskedModel.lossAndUpdate(config.model, optimizer, {
        labelSmoothing: config.training.labelSmoothing,
      }),
    (window: Value, given) => {
      const [forHiding, key] = split(given);
      return { ...hide(config, window, forHiding), key };
    },
  );

/** What is found of the hidden tokens of a batch. */
export interface Found {
  /** In nats, f32[B, L]; 0 at tokens that were not hidden. */
  readonly losses: Tensor;
  /** The hidden tokens, -1 elsewhere, and the likeliest ones: i32[B, L]. */
  readonly targets: Tensor;
  readonly tokens: Tensor;
  readonly health: StreamHealth;
}

export type FindHidden = (
  params: ReformerParams,
  window: Tensor,
  place: Tensor,
  key: Tensor,
  options: Pick<PassOptions, "rounds" | "ablation">,
) => Found;

/** Hides tokens of windows i32[B, L] by a key u32[2] and their place i32[], and looks for them; compiled when first called. */
export function findHidden(config: MaskedConfig): FindHidden {
  const find = jit(
    (params: ReformerParams, window: Value, place: Value, key: Value, options: PassOptions) => {
      const [forHiding, forPass] = split(foldIn(key, place));
      const { inputs, targets, valid } = hide(config, window, forHiding);
      const pass = { ...options, mode: "evaluation", valid } as const;
      const found = maskedModel.find(config.model, params, inputs, targets, forPass, pass);
      const { losses, tokens, health } = found;
      return { losses, targets, tokens, health: streamHealth(health) };
    },
    { staticArgnums: [4], name: "findHidden" },
  );
  return (...args) => concreteTree(find(...args));
}
