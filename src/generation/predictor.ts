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

/** A prediction, and what is kept of the tokens that it comes from. */
export interface ReaderStep<Cache = unknown> extends Prediction {
  readonly cache: Cache;
}

export interface ReadOptions extends PredictOptions {
  /** Tokens that there is room for, those to come included. */
  readonly capacity: number;
}

/** Reads a text token by token: each costs what one token costs. */
export interface TokenReader<State = unknown, Cache = unknown> {
  /** The largest capacity. */
  readonly longest: number;
  /** The token that follows tokens i32[1, L]; `key` is u32[2], the hash rotations. */
  begin(state: State, tokens: Tensor, key: Tensor, options: ReadOptions): ReaderStep<Cache>;
  /** The token that follows one more token, i32[1]. The cache is given away, whether this succeeds or not. */
  next(state: State, cache: Cache, token: Tensor): ReaderStep<Cache>;
}

/** What generation needs of a language model: a pure function of its state. */
export interface Predictor<State = unknown> {
  /** Absent where a model can only predict from a whole text. */
  readonly reader?: TokenReader<State>;
  /** The token that follows position `last` of `tokens`, i32[1, L]. Later positions do not matter. */
  predict(
    state: State,
    tokens: Tensor,
    last: number,
    key: Tensor,
    options: PredictOptions,
  ): Prediction;
}
