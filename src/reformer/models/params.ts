import type { EmbeddingParams } from "../../nn/index.ts";
import type { AttentionParams } from "../blocks/attention-block.ts";
import type { FeedForwardParams } from "../blocks/feed-forward-block.ts";
import type { OutputParams } from "../outputs/next-token.ts";
import type { PositionParams } from "./positions.ts";

/** What makes vectors of tokens. */
export interface InputParams {
  readonly embedding: EmbeddingParams;
  readonly positions: PositionParams;
}

/** What stands below and above the layers. */
export interface EndParams<Head = OutputParams> extends InputParams {
  /** The output; its key stands in checkpoints. Elsewhere the word head means attention heads only. */
  readonly head: Head;
}

/**
 * Parameters of a layer: attention, then feed-forward. Where the configuration asks for recurrent units or a memory with product keys, `g` is
 * `RecurrentParams` or `ProductKeyBlockParams`. Tied layers but the first of a kind have of what is tied norms and gains alone.
 */
export interface ReformerLayerParams {
  readonly f: AttentionParams;
  readonly g: FeedForwardParams;
}

/** Parameters of a model without an output: what gives the streams at the top of the layers. */
export interface BodyParams extends InputParams {
  readonly layers: readonly ReformerLayerParams[];
}

/** Parameters of a Reformer: a tree of f32 arrays. Without a type of its own the output is a language model's. */
export interface ReformerParams<Head = OutputParams> extends BodyParams, EndParams<Head> {}
