import { sequenceS } from "fp-ts/lib/Apply.js";
import * as S from "fp-ts/lib/State.js";
import type { Value } from "../../../core/value.ts";
import {
  initDense,
  initEmbedding,
  initializers,
  initLayerNorm,
  initSru,
  type DenseParams,
  type Key,
  type LayerNormParams,
  type SruParams,
} from "../../../nn/index.ts";
import { requireKey } from "../../../random/key.ts";
import { mergedWidth } from "../../outputs/merged-rows.ts";
import { initLayers } from "../init-layers.ts";
import { layersParameters } from "../layer-sizes.ts";
import { initPositions } from "../parameters.ts";
import { positionParameters } from "../positions.ts";
import type { BodyParams } from "../params.ts";
import { bodyOf, checkShortened, tokenWidth, type ShortenedConfig } from "./config.ts";

/** Tokens that the convolution above the layers sees: its own, and those before it. */
export const convolved = 3;

/** Parameters of a shortened language model: a tree of f32 arrays. Embedding and positions are those of single tokens, of width e. */
export interface ShortenedParams extends BodyParams {
  /** From `factor` tokens side by side to a vector of the layers. */
  readonly shorten: DenseParams;
  /** Of the merged streams. */
  readonly norm: LayerNormParams;
  /** From a vector of the layers to `factor` tokens. */
  readonly prolong: DenseParams;
  /** From three tokens side by side, each with what the layers say of it and its embedding, to e. */
  readonly convolution: DenseParams;
  readonly recurrent: SruParams;
  readonly output: DenseParams;
}

const record = sequenceS(S.Applicative);

/**
 * The parameters of a shortened language model from one key u32[2].
 *
 * @example
 * import { key } from "reformax/random";
 * import { shortened } from "reformax/reformer";
 * const params = shortened.init(shortened.config({ width: 16, shorten: { factor: 4 } }), key(0));
 * console.log(params.shorten.kernel.shape, params.prolong.kernel.shape); // => [ 64, 16 ] [ 32, 64 ]
 */
export function init(config: ShortenedConfig, key: Value): ShortenedParams {
  checkShortened(config, "shortened.init");
  return drawShortened(config)(requireKey(key, "shortened.init"))[0];
}

/** {@link init} of a configuration that is right. */
export function drawShortened(config: ShortenedConfig): S.State<Key, ShortenedParams> {
  const { vocabulary, width, shorten } = config;
  const body = bodyOf(config);
  const e = tokenWidth(config);
  return record({
    embedding: initEmbedding(vocabulary, e, initializers.normal(1)),
    positions: initPositions({ ...config, width: e }),
    shorten: initDense(shorten.factor * e, width),
    layers: initLayers(body),
    norm: initLayerNorm(mergedWidth(body)),
    prolong: initDense(mergedWidth(body), shorten.factor * e),
    convolution: initDense(convolved * 2 * e, e),
    recurrent: initSru(e),
    output: initDense(e, vocabulary),
  });
}

/**
 * Number of parameters of a shortened language model.
 *
 * @example
 * import { shortened } from "reformax/reformer";
 * console.log(shortened.parameterCount(shortened.config({ width: 16 })) > 10_000); // => true
 */
export function parameterCount(config: ShortenedConfig): number {
  checkShortened(config, "shortened.parameterCount");
  const { vocabulary, width, positions, shorten } = config;
  const body = bodyOf(config);
  const [e, merged] = [tokenWidth(config), mergedWidth(body)];
  const dense = (inputs: number, outputs: number): number => (inputs + 1) * outputs;
  return (
    vocabulary * e +
    positionParameters({ positions, width: e }) +
    dense(shorten.factor * e, width) +
    layersParameters(body) +
    2 * merged +
    dense(merged, shorten.factor * e) +
    dense(convolved * 2 * e, e) +
    dense(e, 3 * e) +
    dense(e, vocabulary)
  );
}
