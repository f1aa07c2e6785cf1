import type {
  AxialPositionParams,
  EmbeddingParams,
  LearnedPositionParams,
} from "../../nn/index.ts";
import type { AttentionParams } from "../blocks/attention-block.ts";
import type { FeedForwardParams } from "../blocks/feed-forward-block.ts";
import type { OutputParams } from "../outputs/next-token.ts";

/** What stands below and above the layers. */
export interface EndParams {
  readonly embedding: EmbeddingParams;
  readonly positions: AxialPositionParams | LearnedPositionParams;
  /** The output; its key stands in checkpoints. Elsewhere the word head means attention heads only. */
  readonly head: OutputParams;
}

/** Parameters of a layer: attention, then feed-forward. */
export interface ReformerLayerParams {
  readonly f: AttentionParams;
  readonly g: FeedForwardParams;
}

/** Parameters of a Reformer language model: a tree of f32 arrays. */
export interface ReformerParams extends EndParams {
  readonly layers: readonly ReformerLayerParams[];
}
