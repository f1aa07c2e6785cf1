import type { LayerNormParams } from "../../../nn/index.ts";
import type { CrossAttentionParams } from "../../blocks/cross-attention-block.ts";
import type { EndParams, InputParams, ReformerLayerParams } from "../params.ts";

/** Parameters of a decoder's layer: self-attention, attention to the encoder's result (absent where it is `keys`), feed-forward. */
export interface DecoderLayerParams extends ReformerLayerParams {
  readonly c: CrossAttentionParams;
}

/** Parameters of the encoder, without the embedding, which it shares with the decoder. */
export interface EncoderParams {
  readonly positions: InputParams["positions"];
  readonly layers: readonly ReformerLayerParams[];
  /** Of its result: the mean of both streams. */
  readonly norm: LayerNormParams;
}

/** Parameters of an encoder-decoder: a tree of f32 arrays. */
export interface EncoderDecoderParams extends EndParams {
  readonly encoder: EncoderParams;
  readonly layers: readonly DecoderLayerParams[];
}
