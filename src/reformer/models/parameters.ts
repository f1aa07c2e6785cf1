import { sequenceS } from "fp-ts/lib/Apply.js";
import { pipe } from "fp-ts/lib/function.js";
import * as S from "fp-ts/lib/State.js";
import { cos, pow, sin } from "../../core/float-math.ts";
import { tensorFrom } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import {
  initAxialPositions,
  initDense,
  initEmbedding,
  initializers,
  initLayerNorm,
  type DenseParams,
  type Initializer,
  type Key,
} from "../../nn/index.ts";
import type { AttentionParams, HeadParams } from "../blocks/attention-block.ts";
import { hasOwnKeys, type AttentionKind } from "../attention/head-options.ts";
import { requireKey } from "../../random/key.ts";
import { checkConfig } from "./check-config.ts";
import { initNorm } from "../blocks/norm.ts";
import type { ReformerConfig, ResidualConfig } from "./config.ts";
import type { FeedForwardParams } from "../blocks/feed-forward-block.ts";
import type { OutputParams } from "../outputs/next-token.ts";
import type { ReformerLayerParams, ReformerParams } from "./params.ts";
import { keysOf } from "./head-keys.ts";
import { mergedWidth } from "../outputs/merged-rows.ts";
import type { PositionParams } from "./positions.ts";

/** Draws the fields of a record one after another, in the order in which they are written. */
const record = sequenceS(S.Applicative);

/** The same of fields that may be absent. */
const partly = <T extends object>(fields: {
  readonly [K in keyof T]: S.State<Key, Exclude<T[K], undefined>>;
}): S.State<Key, T> =>
  record(fields as Record<string, S.State<Key, unknown>>) as S.State<Key, unknown> as S.State<
    Key,
    T
  >;

/** Projections of all heads stacked: Glorot as if the heads were one matrix. */
function initHeads(config: ReformerConfig, kind: AttentionKind): S.State<Key, HeadParams> {
  const { width, heads, headWidth } = config;
  const limit = Math.sqrt(6 / (width + heads * headWidth));
  const inward = initializers.uniform(limit)([heads, width, headWidth]);
  const outward = initializers.uniform(limit)([heads, headWidth, width]);
  const value = config.attention?.oneValueHead ? {} : { value: inward };
  const key = hasOwnKeys({ kind, ...keysOf(config, kind) }) ? { key: inward } : {};
  return partly<HeadParams>({ query: inward, ...value, output: outward, ...key });
}

/** What all heads of a layer share. */
function initShared(
  { width, heads, headWidth, attention = {}, residual }: ReformerConfig,
  kind: AttentionKind,
): S.State<Key, AttentionParams["shared"]> {
  const { oneValueHead, memory = 0, outputBias } = attention;
  const limit = Math.sqrt(6 / (width + heads * headWidth));
  const inward = initializers.uniform(limit)([width, headWidth]);
  return partly<AttentionParams["shared"]>({
    ...initResidual(residual, width),
    ...(oneValueHead && { value: inward }),
    ...(memory > 0 && kind !== "local" && { memory: initializers.normal(1)([memory, width]) }),
    ...(outputBias && { bias: initializers.zeros([width]) }),
  });
}

/** Norm and gain of a half-block. */
const initResidual = ({ norm = "layer", gain }: ResidualConfig = {}, width: number) => ({
  norm: initNorm(norm, width),
  ...(gain && { gain: initializers.zeros([]) }),
});

export const initAttention = (
  config: ReformerConfig,
  kind: AttentionKind,
): S.State<Key, AttentionParams> =>
  record({ shared: initShared(config, kind), parts: initHeads(config, kind) });

export const initFeedForward = ({
  width,
  feedForwardWidth,
  feedForward,
  residual,
}: ReformerConfig): S.State<Key, FeedForwardParams> =>
  record({
    ...initResidual(residual, width),
    inner: feedForward?.gated
      ? initGated(width, feedForwardWidth)
      : initDense(width, feedForwardWidth),
    outer: initDense(feedForwardWidth, width),
  });

/** Gate and signal side by side, each drawn as the inner layer of an ungated block. */
const initGated = (width: number, inner: number): S.State<Key, DenseParams> => {
  const limit = Math.sqrt(6 / (width + inner));
  const kernel = initializers.uniform(limit)([width, 2 * inner]);
  return record({ kernel, bias: initializers.zeros([2 * inner]) });
};

export const initLayer =
  (config: ReformerConfig) =>
  (kind: AttentionKind): S.State<Key, ReformerLayerParams> =>
    record({ f: initAttention(config, kind), g: initFeedForward(config) });

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

export function initPositions({ positions, width }: ReformerConfig): S.State<Key, PositionParams> {
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
    layers: pipe(config.layers, S.traverseArray(initLayer(config))),
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
