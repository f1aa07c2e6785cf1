import type { Tensor } from "../core/tensor.ts";

/** How a prediction differs from training. */
export interface PredictOptions {
  /** Hash rounds; those of the configuration when absent. */
  readonly rounds?: number;
}

/** What generation needs of a language model: a pure function of its state. */
export interface Predictor<State = unknown> {
  /** Logits of the token that follows position `last` of `tokens`, i32[1, L]: f32[vocabulary]. Later positions do not matter. */
  predict(state: State, tokens: Tensor, last: number, key: Tensor, options: PredictOptions): Tensor;
}
