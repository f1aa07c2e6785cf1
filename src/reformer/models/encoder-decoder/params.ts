import type { EmbeddingParams, LayerNormParams } from "../../../nn/index.ts";
import type { CrossAttentionParams } from "../../blocks/cross-attention-block.ts";
import type { EndParams, InputParams, ReformerLayerParams } from "../params.ts";

/** Parameters of a decoder's layer: self-attention, attention to the encoder's result (absent where it is `keys`), feed-forward. */
export interface DecoderLayerParams extends ReformerLayerParams {
  readonly c: CrossAttentionParams;
}

/** Parameters of the encoder. */
export interface EncoderParams {
  /** Absent where it shares the decoder's. */
  readonly embedding?: EmbeddingParams;
  readonly positions: InputParams["positions"];
  readonly layers: readonly ReformerLayerParams[];
  /** Of its result: the mean of both streams. */
  readonly norm: LayerNormParams;
}

/** What makes vectors of a source's tokens. */
export const sourceInputs = ({
  embedding,
  encoder,
}: Pick<InputParams, "embedding"> & {
  readonly encoder: Pick<EncoderParams, "embedding" | "positions">;
}): InputParams => ({
  embedding: encoder.embedding ?? embedding,
  positions: encoder.positions,
});

/** Parameters of an encoder-decoder: a tree of f32 arrays. */
export interface EncoderDecoderParams extends EndParams {
  readonly encoder: EncoderParams;
  readonly layers: readonly DecoderLayerParams[];
}
