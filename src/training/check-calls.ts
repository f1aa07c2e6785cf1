/** Clear errors for what a model's functions are called with, by the name of the function. */
import { checkKind, checkOptions, checkSomeOf, type KindsOf } from "../core/arguments.ts";
import { checkArray } from "../core/check-array.ts";
import { orNull } from "../core/kinds.ts";
import type { Tensor } from "../core/tensor.ts";
import type { PredictOptions } from "../generation/predictor.ts";
import { requireKey } from "../random/key.ts";
import type { EvaluationOptions, StepOptions } from "./next-token/model.ts";
import type { ReformerState } from "./reformer-step.ts";

const stepKinds: KindsOf<StepOptions> = { buckets: orNull("list"), recordsBuckets: "flag" };
const predictKinds: KindsOf<PredictOptions> = { rounds: "size" };
const evaluationKinds: KindsOf<EvaluationOptions> = {
  ...stepKinds,
  ...predictKinds,
  ablation: "text",
};

/** What stands in the parameters is checked where they are used. */
export const checkState = (state: ReformerState, where: string): void =>
  void checkSomeOf(state, { params: "object" }, "state", where);

/** What a training step is given, or what plans one. */
export function checkStepCall(
  state: ReformerState,
  batch: Tensor,
  key: Tensor,
  options: StepOptions,
  where: string,
): void {
  checkBatchCall(state, batch, key, where);
  checkOptions(options, stepKinds, where);
}

export function checkEvaluateCall(
  state: ReformerState,
  batch: Tensor,
  key: Tensor,
  options: EvaluationOptions,
): void {
  checkBatchCall(state, batch, key, "evaluate");
  checkOptions(options, evaluationKinds, "evaluate");
}

export function checkPredictCall(
  state: ReformerState,
  tokens: Tensor,
  last: number,
  key: Tensor,
  options: PredictOptions,
): void {
  checkState(state, "predict");
  checkArray(tokens, "i32", ["batch", "length"], "tokens", "predict");
  checkKind(last, "count", "last", "predict");
  requireKey(key, "predict");
  checkOptions(options, predictKinds, "predict");
}

function checkBatchCall(state: ReformerState, batch: Tensor, key: Tensor, where: string): void {
  checkState(state, where);
  checkArray(batch, "i32", ["batch", "length + 1"], "batch", where);
  requireKey(key, where);
}
