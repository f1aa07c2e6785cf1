import type { Tensor } from "../../core/tensor.ts";
import type { PredictOptions, Predictor } from "../../generation/predictor.ts";
import type { StreamHealth } from "../../generation/stream-health.ts";
import type { ExecutableReport } from "../../ir/backend.ts";
import type { HashBuckets } from "../../reformer/models/hash-buckets.ts";

/** What one update reports: scalars, read only after the step. */
export interface StepMetrics {
  /** Mean negative log likelihood of the batch's targets before the update, in nats: f32[]. */
  readonly loss: Tensor;
  /** Global norm of the gradient before clipping: f32[]. */
  readonly gradientNorm?: Tensor;
  /** f32[]. */
  readonly learningRate?: Tensor;
  /** The residual streams' health. */
  readonly health?: StreamHealth;
  readonly lsh?: LshHealth;
  /** Where updates take place in the reverse sweep. */
  readonly bottom?: BottomHashes;
  /** The buckets that were used, where the step was asked to record them. */
  readonly buckets?: HashBuckets;
}

/** What a step takes from another one, or leaves for another one, besides its arrays. */
export interface StepOptions {
  /** Buckets to use instead of hashing, as another step of the same number gave them. */
  readonly buckets?: HashBuckets;
  /** Whether the metrics tell the buckets that were used. Default: they do not. */
  readonly recordsBuckets?: boolean;
}

/** Hashes of the exact streams below the layers, u32[2]: in the forward pass, and as the reverse sweep rebuilt them. */
export interface BottomHashes {
  readonly forward: Tensor;
  readonly rebuilt: Tensor;
}

/** How well the hashing works, over all LSH layers, heads and rounds of the step. */
export interface LshHealth {
  /** Tokens in the largest bucket: i32[] or f32[]. */
  readonly largestBucket: Tensor;
  /** Share of tokens whose bucket reaches beyond the chunks that they see: f32[]. */
  readonly beyondChunk: Tensor;
  /** Share of tokens that may attend to nothing but themselves: f32[]. */
  readonly onlySelf: Tensor;
}

/** How evaluation differs from training. */
export interface EvaluationOptions extends PredictOptions {
  /** Takes part of the model away, to see what it is worth; what there is depends on the model. */
  readonly ablation?: string;
  /** Buckets to use instead of hashing. */
  readonly buckets?: HashBuckets;
  /** Whether to tell the buckets that were used. Default: no. */
  readonly recordsBuckets?: boolean;
}

export interface Evaluation {
  /** Negative log likelihood of every target in nats, f32[B, L]. */
  readonly losses: Tensor;
  /** Of the pass that they come from: where it is bad, measuring stops with an error. */
  readonly health?: StreamHealth;
  /** The buckets that were used, where the pass was asked for them. */
  readonly buckets?: HashBuckets;
}

/**
 * What training, evaluation and generation need of a language model: pure functions over trees of tensors. `step` may
 * take the state's storage over (donation): the caller uses only the state that it returns.
 */
export interface TrainableModel<State = unknown> extends Predictor<State> {
  /** Number of tokens: 256 for bytes. */
  readonly vocabulary: number;
  /** Names of the layers from the input up, for messages. */
  readonly layers: readonly string[];
  /** Parameters and optimiser state. `key` is u32[2]. */
  init(key: Tensor): State;
  /** Number of parameters, without the optimiser's. */
  parameterCount(state: State): number;
  /** One update from `batch`, i32[B, L + 1]: columns 0 to L-1 predict columns 1 to L. Dropout and hashing draw from `key`. */
  step(state: State, batch: Tensor, key: Tensor, options?: StepOptions): StepResult<State>;
  /** What compiling such a step tells, its memory above all, without running it; absent where nothing is compiled. */
  planStep?(state: State, batch: Tensor, key: Tensor): ExecutableReport;
  /** Every target's loss, without dropout. `batch` is as for `step`. */
  evaluate(state: State, batch: Tensor, key: Tensor, options: EvaluationOptions): Evaluation;
}

export interface StepResult<State> {
  readonly state: State;
  readonly metrics: StepMetrics;
}
