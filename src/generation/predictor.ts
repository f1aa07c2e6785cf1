import type { Tensor } from "../core/tensor.ts";
import type { StreamHealth } from "./stream-health.ts";

/** How a prediction differs from training. */
export interface PredictOptions {
  /** Hash rounds; those of the configuration when absent. */
  readonly rounds?: number;
}

export interface Prediction {
  /** f32[vocabulary]. */
  readonly logits: Tensor;
  /** Of the pass that they come from: where it is bad, generation stops with an error. */
  readonly health?: StreamHealth;
}

/** What generation needs of a language model: a pure function of its state. */
export interface Predictor<State = unknown> {
  /** The token that follows position `last` of `tokens`, i32[1, L]. Later positions do not matter. */
  predict(
    state: State,
    tokens: Tensor,
    last: number,
    key: Tensor,
    options: PredictOptions,
  ): Prediction;
}
