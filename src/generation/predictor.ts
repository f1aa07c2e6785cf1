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

/** Predictions for texts that are read together, and what is kept of them. */
export interface ReaderStep<Cache = unknown> {
  /** f32[B, vocabulary]. */
  readonly logits: Tensor;
  /** Of all texts. */
  readonly health?: StreamHealth;
  readonly cache: Cache;
}

export interface ReadOptions extends PredictOptions {
  /** Tokens that there is room for, those to come included. */
  readonly capacity: number;
  /** Whether texts go on when there are so many, and forget what was first. */
  readonly streaming?: boolean;
}

/** Reads texts token by token: each costs what one token costs. What is predicted of a text does not depend on those beside it. */
export interface TokenReader<State = unknown, Cache = unknown> {
  /** The largest capacity, and the longest text where the model has a table of positions. */
  readonly longest: number;
  /** The token that follows texts of one length, i32[B, L]; `key` is u32[2], the hash rotations. */
  begin(state: State, tokens: Tensor, key: Tensor, options: ReadOptions): ReaderStep<Cache>;
  /**
   * The token that follows one more token of each text, i32[n]. With `rows` i32[n] token i goes on from text `rows[i]` of the cache,
   * which may be named often or not at all; else every text goes on. The cache is given away, whether this succeeds or not.
   */
  next(state: State, cache: Cache, token: Tensor, rows?: Tensor): ReaderStep<Cache>;
  /** The texts of several caches of one capacity, whatever their lengths, in one. */
  join(caches: readonly Cache[]): Cache;
}

/** What generation needs of a language model: a pure function of its state. */
export interface Predictor<State = unknown> {
  /** Absent where a model can only predict from a whole text. */
  readonly reader?: TokenReader<State>;
  /** Reads as HuggingFace's Reformer does with `use_cache`, and throws where a model has what that has not. */
  readonly huggingFace?: TokenReader<State>;
  /** The token that follows position `last` of `tokens`, i32[1, L]. Later positions do not matter. */
  predict(
    state: State,
    tokens: Tensor,
    last: number,
    key: Tensor,
    options: PredictOptions,
  ): Prediction;
}
