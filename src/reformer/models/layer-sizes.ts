/** How large the parameters of layers are, and what computing them needs. */
import { hasOwnKeys, type AttentionKind } from "../attention/head-options.ts";
import { normSize } from "../blocks/norm.ts";
import { productKeySizes } from "../blocks/product-key-block.ts";
import type { ReformerConfig } from "./config.ts";
import { formOf, type FeedForwardForm } from "./feed-forward-form.ts";
import { keysOf } from "./head-keys.ts";
import { ownersOf } from "./layer-owners.ts";

/** The sizes of a model that memory depends on; chunks of rows are what is to be chosen. */
export type ModelSizes = Omit<ReformerConfig, "feedForwardChunk" | "lossChunk">;

/** Number of parameters of all layers: what tied ones share counts once. */
export function layersParameters(model: ModelSizes): number {
  const owners = ownersOf(model);
  const sizes = model.layers.map((kind, i) => {
    const attention = owners.f[i] === i ? attentionParameters(model, kind) : 0;
    const feedForward = owners.g[i] === i ? feedForwardParameters(model, formOf(model, i)) : 0;
    return attention + feedForward + 2 * ownParameters(model);
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Norm and gain of a half-block. */
const ownParameters = ({ residual, width }: ModelSizes): number =>
  normSize(residual?.norm ?? "layer", width) + (residual?.gain ? 1 : 0);

function attentionParameters(model: ModelSizes, kind: AttentionKind): number {
  const { width, heads, headWidth } = model;
  const { memory = 0, oneValueHead, outputBias } = model.attention ?? {};
  const projections = hasOwnKeys({ kind, ...keysOf(model, kind) }) ? 4 : 3;
  const values = oneValueHead ? (1 - heads) * width * headWidth : 0;
  const shared = values + (kind === "local" ? 0 : memory * width) + (outputBias ? width : 0);
  return heads * projections * width * headWidth + shared;
}

const denseSize = (inputs: number, outputs: number): number => (inputs + 1) * outputs;

function feedForwardParameters(model: ModelSizes, form: FeedForwardForm): number {
  const { width, feedForwardWidth, feedForward = {} } = model;
  const { recurrent, productKeys } = feedForward;
  const inner = feedForward.gated ? 2 * feedForwardWidth : feedForwardWidth;
  const dense = denseSize(width, inner) + denseSize(feedForwardWidth, width);
  if (form === "productKeys" && productKeys) {
    const { keys, heads, queryWidth } = productKeySizes(productKeys);
    return heads * queryWidth * (width + keys) + queryWidth + keys * keys * width;
  }
  if (form !== "recurrent" || !recurrent) return dense;
  const { layers, units, place } = recurrent;
  const around = units === undefined ? 0 : denseSize(width, units) + denseSize(units, width);
  const each = denseSize(units ?? width, 3 * (units ?? width));
  return around + layers * each + (place === "beside" ? dense : 0);
}

const formsOf = (model: ModelSizes): readonly FeedForwardForm[] => [
  ...new Set(model.layers.map((_, i) => formOf(model, i))),
];

/** Words per row of a chunk: the widest of the layers' second halves, with its derivative. */
export function feedForwardRowWords(model: ModelSizes): number {
  const { width, feedForwardWidth, feedForward = {} } = model;
  const dense = 6 * width + (feedForward.gated ? 9 : 4) * feedForwardWidth;
  const { keys, heads, best, queryWidth } = productKeySizes(feedForward.productKeys ?? {});
  const memory =
    6 * width + heads * (4 * queryWidth + 8 * keys + 8 * best * best + 4 * best * width);
  const words = { dense, recurrent: dense + 8 * width, productKeys: memory };
  return Math.max(...formsOf(model).map((form) => words[form]));
}

/** Words per token that a layer's second half needs at full length: only recurrent units do. */
export function recurrentWords(model: ModelSizes): number {
  const { recurrent } = model.feedForward ?? {};
  if (!recurrent || !formsOf(model).includes("recurrent")) return 0;
  const { layers, units = model.width, place } = recurrent;
  return units * (8 + 16 * layers) + (place === "beside" ? 4 * model.width : 0);
}

/** Words per token and layer of an ordinary residual network: what reverse mode keeps of attention and feed-forward layers. */
export function storedWords(model: ModelSizes): number {
  const { width, heads, headWidth, feedForwardWidth, feedForward = {} } = model;
  const attention = 4 * width + heads * (width + 5 * headWidth);
  const words = {
    dense: (feedForward.gated ? 5 : 2) * feedForwardWidth,
    recurrent: recurrentWords(model) + 5 * feedForwardWidth,
    productKeys: feedForwardRowWords(model),
  };
  return attention + Math.max(...formsOf(model).map((form) => words[form]));
}
