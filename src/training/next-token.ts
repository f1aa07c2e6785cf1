import { ReformaxError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import type { TrainConfig } from "./config/train-config.ts";
import { contextRule } from "./data/evaluation-plan.ts";
import { unitOf, type Tokens } from "./data/tokens.ts";
import { gatherWindows, windowStarts, type WindowPlan } from "./data/windows.ts";
import { measure } from "./evaluation.ts";
import type { ValidationRecord } from "./metrics.ts";
import type { RunKeys, TrainableModel } from "./model-interface.ts";

/** Windows of an evaluation overlap by half. */
export const strideOf = (length: number): number => Math.ceil(length / 2);

/**
 * What step `step` learns from, as a function of its number: i32[B, L + 1], each token predicted
 * from those before it.
 */
export function nextTokenBatches(
  { training, data }: TrainConfig,
  tokens: Tokens,
  keys: RunKeys,
): (step: number) => Tensor {
  const { batch, length } = training;
  if (!ArrayBuffer.isView(tokens)) {
    throw new ReformaxError("training data are tokens", {
      where: "train",
      expected: "a typed array, for text its bytes",
      got: typeof tokens,
      fix: "Encode a text with new TextEncoder().encode(text).",
    });
  }
  const plan: WindowPlan = {
    order: data.order,
    tokens: tokens.length,
    length,
    batch,
    words: (at, count) => keys.words(at, count),
  };
  return (step) => gatherWindows(tokens, windowStarts(plan, step), length);
}

/** Measures a state on validation tokens, as the configuration says. */
export async function validateNextToken<State>(
  { training, data }: TrainConfig,
  model: TrainableModel<State>,
  state: State,
  tokens: Tokens,
  at: {
    readonly step: number;
    readonly keys: RunKeys;
    readonly onProgress: () => Promise<void>;
  },
): Promise<ValidationRecord> {
  const { batch, length, validateBytes } = training;
  const stride = strideOf(length);
  const measured = await measure(model, state, tokens.subarray(0, validateBytes ?? undefined), {
    length,
    stride,
    batch,
    key: at.keys.evaluation,
    onProgress: at.onProgress,
  });
  const context = contextRule(length, stride, unitOf(data.tokens));
  return { step: at.step, validation: { ...measured, context } };
}
