import { ReformaxError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { TrainConfig } from "../config/train-config.ts";
import type { Tokens } from "../data/tokens.ts";
import { gatherWindows, windowStarts, type WindowPlan } from "../data/windows.ts";
import type { RunKeys } from "../run-keys.ts";

/**
 * What the step after `step` updates learns from, as a function of that number: i32[B, L + 1], each token predicted
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
