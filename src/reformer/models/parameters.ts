import { sequenceS } from "fp-ts/lib/Apply.js";
import * as S from "fp-ts/lib/State.js";
import { cos, pow, sin } from "../../core/float-math.ts";
import { tensorFrom } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import {
  initAxialPositions,
  initEmbedding,
  initializers,
  initLayerNorm,
  type Initializer,
  type Key,
} from "../../nn/index.ts";
import { requireKey } from "../../random/key.ts";
import { checkConfig } from "./check-config.ts";
import type { ReformerConfig } from "./config.ts";
import type { OutputParams } from "../outputs/next-token.ts";
import { initLayers } from "./init-layers.ts";
import type { ReformerParams } from "./params.ts";
import { mergedWidth } from "../outputs/merged-rows.ts";
import type { PositionParams } from "./positions.ts";

/** Draws the fields of a record one after another, in the order in which they are written. */
const record = sequenceS(S.Applicative);

/** Positions weigh as much as tokens; learned ones begin as normal numbers. */
const normalTable = initializers.normal(1);

/**
 * Axial tables begin as waves, which are all learned from then on: a step along an axis turns every pair of features by an
 * angle, the same everywhere, so that attention to a neighbour is one linear map that all positions teach together. With
 * random tables a byte model stays at what single bytes tell about the next for hundreds of steps.
 */
const waveTable: Initializer =
  ([size, width]) =>
  (key) => [tensorFrom("f32", [size, width], waves(size, width)), key];

/**
 * sqrt 2 cos and sin of whole numbers of turns per axis, 1 turn to size / 8, in geometric steps: neighbours are alike at
 * any frequency, so that tokens near each other tend to share a hash bucket before anything is learned.
 */
function waves(size: number, width: number): Float32Array {
  const table = new Float32Array(size * width);
  const pairs = Math.ceil(width / 2);
  for (let i = 0; i < pairs; i++) {
    const turns = Math.round(pow(Math.max(1, size / 8), i / Math.max(1, pairs - 1)));
    for (let position = 0; position < size; position++) {
      // Only the fraction of a turn matters; taking it first keeps the angle small and exact.
      const angle = (2 * Math.PI * ((turns * position) % size)) / size;
      table[position * width + 2 * i] = Math.SQRT2 * cos(angle);
      if (2 * i + 1 < width) table[position * width + 2 * i + 1] = Math.SQRT2 * sin(angle);
    }
  }
  return table;
}

export function initPositions({
  positions,
  width,
}: Pick<ReformerConfig, "positions" | "width">): S.State<Key, PositionParams> {
  switch (positions.kind) {
    case "axial":
      return initAxialPositions(positions.shape, positions.widths, waveTable);
    case "learned":
      return record({ table: normalTable([positions.length, width]) });
    case "sinusoid":
    case "none":
      return S.of(null);
    default:
      return positions satisfies never;
  }
}

export function initOutput(config: ReformerConfig): S.State<Key, OutputParams> {
  const { vocabulary, tiedEmbedding } = config;
  const merged = mergedWidth(config);
  const common = { norm: initLayerNorm(merged), bias: initializers.zeros([vocabulary]) };
  if (tiedEmbedding) return record(common);
  return record({ ...common, kernel: initializers.glorotUniform()([merged, vocabulary]) });
}

/**
 * The parameters of a model, drawn in order: embedding, positions, layers from the bottom, output.
 * @example
 * import { key } from "reformax/random";
 * import { initReformer, reformerConfig } from "reformax/reformer";
 * const [params, rest] = initReformer(reformerConfig({ width: 16 }))(key(0));
 * console.log(params.layers.length, rest.shape); // => 2 [ 2 ]
 */
export const initReformer = (config: ReformerConfig): S.State<Key, ReformerParams> => {
  checkConfig(config, "initReformer");
  return initWithHead(config, initOutput(config), "initReformer");
};

/** The same with another output. */
export const initWithHead = <Head>(
  config: ReformerConfig,
  head: S.State<Key, Head>,
  where: string,
): S.State<Key, ReformerParams<Head>> => {
  const draw = drawWithHead(config, head);
  return (key) => draw(requireKey(key, where));
};

const drawWithHead = <Head>(
  config: ReformerConfig,
  head: S.State<Key, Head>,
): S.State<Key, ReformerParams<Head>> =>
  record({
    embedding: initEmbedding(config.vocabulary, config.width, initializers.normal(1)),
    positions: initPositions(config),
    layers: initLayers(config),
    head,
  });

/**
 * {@link initReformer} from one key u32[2].
 * @example
 * import { key } from "reformax/random";
 * import { initParams, reformerConfig } from "reformax/reformer";
 * const params = initParams(reformerConfig({ width: 16 }), key(0));
 * console.log(params.embedding.table.shape, params.layers.length); // => [ 256, 16 ] 2
 */
export const initParams = (config: ReformerConfig, key: Value): ReformerParams => {
  checkConfig(config, "initParams");
  return initWithHead(config, initOutput(config), "initParams")(key)[0];
};
