import type { AttentionKind, MaskedQueries, QueryKey } from "../attention/head-options.ts";
import type { ConventionName, Conventions } from "../attention/conventions.ts";
import type { NormKind } from "../blocks/norm.ts";
import type { FeedForwardKind } from "../blocks/feed-forward-block.ts";
import type { ProductKeyKind } from "../blocks/product-key-block.ts";
import type { RecurrentKind } from "../blocks/recurrent-block.ts";
import type { Activation, AxialCombination, SinusoidOptions } from "../../nn/index.ts";

/** Chunks of sorted or original positions, and how many neighbours a chunk looks into. */
export interface WindowConfig {
  readonly chunk: number;
  readonly before: number;
  readonly after: number;
}

export interface LshConfig extends WindowConfig {
  readonly rounds: number;
  /** Rounds outside of training; null for the same number. */
  readonly evaluationRounds: number | null;
  /** Number of buckets, its factors, or `auto` for the rule of the conventions. */
  readonly buckets: "auto" | number | readonly number[];
  /**
   * Counts `auto` buckets as HuggingFace does: the largest power of two within 2 * length / chunk, and above this many as
   * two factors. Absent: as many as 2 * length / chunk, or the conventions' rule.
   */
  readonly powersUpTo?: number;
  /** Whether to hash what queries differ by from their running mean: a part that all have in common makes no difference. */
  readonly centred?: boolean;
  /** Whether rounds come from a single rotation: each token's best buckets instead of one of each rotation. Absent: no. */
  readonly bestBuckets?: boolean;
  /** Whose the rotations are: of every head (when absent), of all heads together, or of every head of every sequence. */
  readonly rotations?: "head" | "shared" | "example";
  /** Whether masked tokens are hashed as others are, instead of into a bucket of their own. Absent: no. */
  readonly hashMasked?: boolean;
  /** Dropout rate of what is hashed, in training. Absent: 0. */
  readonly hashDropout?: number;
  /** Longest text that is attended to whole; one chunk when absent. */
  readonly wholeUpTo?: number;
  /** As the conventions have it when absent; see `Conventions`. */
  readonly sameBucket?: boolean;
  readonly duplicates?: Conventions["duplicates"];
  readonly circular?: boolean;
}

/** Windows of local layers. */
export interface LocalConfig extends WindowConfig {
  /** `separate` (when absent): keys have a projection of their own. `shared`: keys are the queries at unit length, as in lsh layers. */
  readonly queryKey?: QueryKey;
}

/** What attention layers have beside the plainest. */
export interface AttentionConfig {
  /** So many heads of every lsh and full layer attend in the windows of `local`, with shared keys: the first ones. */
  readonly localHeads?: number;
  /** Learned keys and values in every layer that all tokens see, beside local ones: so many rows. */
  readonly memory?: number;
  /** Whether all heads have the same values. */
  readonly oneValueHead?: boolean;
  /** Whether a bias is added to the sum of the heads. */
  readonly outputBias?: boolean;
  /**
   * Queries and keys of lsh layers turn by their position, after hashing: the ratio of the longest wavelength to the shortest, commonly 10000.
   * Absent: they do not.
   */
  readonly rotaryBase?: number;
  /** The kinds of layers whose queries and keys turn, instead of lsh layers alone. */
  readonly rotaryLayers?: readonly AttentionKind[];
  /** What the queries of masked tokens attend to: what others may see when absent. */
  readonly maskedQueries?: MaskedQueries;
}

/** Attention to the whole length. */
export interface FullConfig {
  /** `shared` (when absent): keys are the queries at unit length, as in lsh layers. `separate`: keys have a projection of their own. */
  readonly queryKey?: QueryKey;
}

/** The feed-forward half of layers. */
export interface FeedForwardConfig extends FeedForwardKind {
  /** Simple recurrent units instead of feed-forward layers, or beside them (trax' `ff_use_sru`). */
  readonly recurrent?: RecurrentKind;
  /** Memories with product keys instead of feed-forward layers, in some layers or all (lucidrains' `pkm_layers`). */
  readonly productKeys?: ProductKeyKind;
}

/** What layers have in common: `both` halves (lucidrains' `weight_tie`), or one of them. */
export type TiedLayers = "both" | "attention" | "feedForward";

/** How half-blocks stand to the streams that they are added to. */
export interface ResidualConfig {
  /** What is done to their input first: a layer norm when absent. */
  readonly norm?: NormKind;
  /**
   * `before` (when absent): the norm is of a half-block's input. `after`: of what it adds, as fastai's reversible models have it, and in an
   * ordinary residual network (`reversible` "none") of the sum, norm(x + f(x)), as in the first Transformer.
   */
  readonly normAt?: "before" | "after";
  /** Whether what they add is multiplied by a learned number that begins with 0: ReZero. */
  readonly gain?: boolean;
  /**
   * Rate at which whole layers add nothing in a training step (stochastic depth, Huang et al. 2016), as lucidrains drops them: nothing is
   * scaled up, and the first layer stays where all would go.
   */
  readonly layerDropout?: number;
}

export type PositionConfig =
  | {
      readonly kind: "axial";
      readonly shape: readonly number[];
      readonly widths: readonly number[];
      /** `concatenate` (when absent): widths add up to the model's. `sum`: each is the model's width (lucidrains). */
      readonly combination?: AxialCombination;
    }
  | { readonly kind: "learned"; readonly length: number }
  /** Sines and cosines, without parameters, for any length: `base` 10000 and `layout` "interleaved" when absent; lucidrains has "halves". */
  | ({ readonly kind: "sinusoid" } & SinusoidOptions)
  /** Nothing: order is what attention makes of it. */
  | { readonly kind: "none" };

/** What a token sees of its sequence: itself and those before it, or those after it too. */
export type Mask = "causal" | "full";

/** How a model's residual streams are kept for the gradient. */
export type Reversibility = "exact" | "float" | "none";

/** Everything that determines a Reformer. */
export interface ReformerConfig {
  readonly conventions: ConventionName;
  readonly vocabulary: number;
  readonly width: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly feedForwardWidth: number;
  readonly activation: Activation;
  readonly residual?: ResidualConfig;
  /** Variants of the feed-forward blocks. */
  readonly feedForward?: FeedForwardConfig;
  /** The kind of attention of each layer, from the input up. */
  readonly layers: readonly AttentionKind[];
  /**
   * Layers of one kind have these weights in common, but each its own norms and gains. Absent: nothing. Their gradient is the sum over
   * the layers, so that updates cannot take place inside the reverse sweep.
   */
  readonly tiedLayers?: TiedLayers;
  /**
   * `causal` (when absent) for models of the next token. With `full` a token's result depends on the whole sequence; how far local and
   * lsh layers look ahead of a chunk is their `after`.
   */
  readonly mask?: Mask;
  /** What attention has beside the plainest. */
  readonly attention?: AttentionConfig;
  readonly local: LocalConfig;
  readonly lsh: LshConfig;
  /** Of full layers. */
  readonly full?: FullConfig;
  readonly positions: PositionConfig;
  readonly tiedEmbedding: boolean;
  readonly dropout: number;
  readonly attentionDropout: number;
  /** Null for that of the conventions. */
  readonly normEpsilon: number | null;
  /**
   * `exact`: fixed-point streams, inverted bit for bit. `float`: inverted up to rounding. `none`: an ordinary residual network,
   * one f32 stream to which every half-block is added, whose activations are all stored.
   */
  readonly reversible: Reversibility;
  readonly fractionBits: number;
  /** Most rows at a time in feed-forward blocks, norms and projections; null for all at once. */
  readonly feedForwardChunk: number | null;
  /** Most rows at a time in the loss; null for all at once. */
  readonly lossChunk: number | null;
}
