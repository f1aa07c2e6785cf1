import { sequenceS } from "fp-ts/lib/Apply.js";
import * as S from "fp-ts/lib/State.js";
import type { Value } from "../../../core/value.ts";
import {
  initEmbedding,
  initializers,
  initLayerNorm,
  type EmbeddingParams,
  type Key,
} from "../../../nn/index.ts";
import { requireKey } from "../../../random/key.ts";
import type { CrossAttentionParams } from "../../blocks/cross-attention-block.ts";
import type { ReformerConfig } from "../config.ts";
import { initLayers } from "../init-layers.ts";
import { initOutput, initPositions } from "../parameters.ts";
import { checkPairConfig } from "./complete-config.ts";
import { encoderOf, readsByKeys, type EncoderDecoderConfig } from "./config.ts";
import type { DecoderLayerParams, EncoderDecoderParams, EncoderParams } from "./params.ts";

/** Draws the fields of a record one after another, in the order in which they are written. */
const record = sequenceS(S.Applicative);

/** Projections of all heads stacked: Glorot as if the heads were one matrix. */
function initCross({
  width,
  heads,
  headWidth,
}: ReformerConfig): S.State<Key, CrossAttentionParams> {
  const limit = Math.sqrt(6 / (width + heads * headWidth));
  const inward = initializers.uniform(limit)([heads, width, headWidth]);
  const output = initializers.uniform(limit)([heads, headWidth, width]);
  return record({
    shared: record({ norm: initLayerNorm(width) }),
    parts: record({ query: inward, key: inward, value: inward, output }),
  });
}

/** Self-attention, attention to the encoder's result if it is apart, feed-forward. */
const initDecoderLayers = (
  config: EncoderDecoderConfig,
): S.State<Key, readonly DecoderLayerParams[]> =>
  initLayers<DecoderLayerParams>(config, readsByKeys(config) ? {} : { c: initCross(config) });

const initTable = ({ vocabulary, width }: ReformerConfig): S.State<Key, EmbeddingParams> =>
  initEmbedding(vocabulary, width, initializers.normal(1));

const initEncoder = (
  config: ReformerConfig,
  table: { readonly embedding?: S.State<Key, EmbeddingParams> },
): S.State<Key, EncoderParams> =>
  record({
    ...table,
    positions: initPositions(config),
    layers: initLayers(config),
    norm: initLayerNorm(config.width),
  });

/**
 * The parameters of an encoder-decoder from one key u32[2].
 *
 * @example
 * import { key } from "reformax/random";
 * import { encoderDecoder } from "reformax/reformer";
 * const config = encoderDecoder.config({ width: 16, encoder: { layers: ["full"] } });
 * const params = encoderDecoder.init(config, key(0));
 * console.log(params.encoder.layers.length, params.layers[0].c.parts.key.shape); // => 1 [ 2, 16, 8 ]
 */
export function init(config: EncoderDecoderConfig, key: Value): EncoderDecoderParams {
  checkPairConfig(config, "encoderDecoder.init");
  const draw = drawPair(config);
  return draw(requireKey(key, "encoderDecoder.init"))[0];
}

/** {@link init} of a configuration that is right. */
export const drawPair = (config: EncoderDecoderConfig): S.State<Key, EncoderDecoderParams> => {
  const encoder = encoderOf(config);
  const isApart = config.encoder.vocabulary !== undefined;
  return record({
    embedding: initTable(config),
    encoder: initEncoder(encoder, isApart ? { embedding: initTable(encoder) } : {}),
    positions: initPositions(config),
    layers: initDecoderLayers(config),
    head: initOutput(config),
  });
};
