import { sequenceS } from "fp-ts/lib/Apply.js";
import * as S from "fp-ts/lib/State.js";
import {
  initDense,
  initializers,
  initProductKeys,
  initSru,
  type DenseParams,
  type Key,
} from "../../nn/index.ts";
import { hasOwnKeys, type AttentionKind } from "../attention/head-options.ts";
import type { AttentionParams, HeadParams } from "../blocks/attention-block.ts";
import type { FeedForwardParams } from "../blocks/feed-forward-block.ts";
import { initNorm } from "../blocks/norm.ts";
import { productKeySizes, type ProductKeyBlockParams } from "../blocks/product-key-block.ts";
import type { RecurrentParams } from "../blocks/recurrent-block.ts";
import type { ReformerConfig, ResidualConfig } from "./config.ts";
import { formOf, type FeedForwardForm } from "./feed-forward-form.ts";
import { keysOf } from "./head-keys.ts";
import type { ReformerLayerParams } from "./params.ts";
import { ownersOf } from "./layer-owners.ts";

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

const initAttention = (
  config: ReformerConfig,
  kind: AttentionKind,
): S.State<Key, AttentionParams> =>
  record({ shared: initShared(config, kind), parts: initHeads(config, kind) });

const initDenseForm = (config: ReformerConfig): S.State<Key, FeedForwardParams> =>
  record({ ...initResidual(config.residual, config.width), ...initInnerOuter(config) });

const initInnerOuter = ({ width, feedForwardWidth, feedForward }: ReformerConfig) => ({
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

function initRecurrent(config: ReformerConfig): S.State<Key, RecurrentParams> {
  const { width, residual, feedForward } = config;
  const { layers = 1, units, place } = feedForward?.recurrent ?? {};
  const each = Array.from({ length: layers }, () => initSru(units ?? width));
  const shared = partly<RecurrentParams["shared"]>({
    ...initResidual(residual, width),
    ...(units !== undefined && { inner: initDense(width, units), outer: initDense(units, width) }),
    units: S.sequenceArray(each),
    ...(place === "beside" && { dense: record(initInnerOuter(config)) }),
  });
  return record({ shared, parts: S.of({}) });
}

function initMemory({
  width,
  residual,
  feedForward,
}: ReformerConfig): S.State<Key, ProductKeyBlockParams> {
  const { keys, heads, queryWidth } = productKeySizes(feedForward?.productKeys ?? {});
  const sizes = { inputs: width, outputs: width, heads, keys, width: queryWidth };
  return record({ ...initResidual(residual, width), memory: initProductKeys(sizes) });
}

const forms: Readonly<Record<FeedForwardForm, (config: ReformerConfig) => S.State<Key, unknown>>> =
  { dense: initDenseForm, recurrent: initRecurrent, productKeys: initMemory };

/** What a tied half-block has of its own, where its layers' parameters have it. */
function initOwn({ residual, width }: ReformerConfig, inParts: boolean): S.State<Key, unknown> {
  const own = record(initResidual(residual, width));
  return inParts ? record({ shared: own }) : own;
}

/**
 * The layers from the bottom. Of tied ones the first of a kind has what all of it share.
 *
 * @param between - what else layers have, drawn between both halves
 */
export function initLayers<Layer extends ReformerLayerParams = ReformerLayerParams>(
  config: ReformerConfig,
  between: Readonly<Record<string, S.State<Key, unknown>>> = {},
): S.State<Key, readonly Layer[]> {
  const owners = ownersOf(config);
  const each = config.layers.map((kind, i) => {
    const form = formOf(config, i);
    const f = owners.f[i] === i ? initAttention(config, kind) : initOwn(config, true);
    const g = owners.g[i] === i ? forms[form](config) : initOwn(config, form === "recurrent");
    const fields: Record<string, S.State<Key, unknown>> = { f, ...between, g };
    return record(fields);
  });
  // As the configuration says what they are.
  return S.sequenceArray(each) as S.State<Key, unknown> as S.State<Key, readonly Layer[]>;
}
