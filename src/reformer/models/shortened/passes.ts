import { checkOptions, type KindsOf } from "../../../core/arguments.ts";
import { checkArray } from "../../../core/check-array.ts";
import { sizeOf } from "../../../core/shape.ts";
import type { Value } from "../../../core/value.ts";
import { broadcastInDim, iota, reduceMax, sliceInDim } from "../../../lax/index.ts";
import { dense, dropout, embedding, relu, sru } from "../../../nn/index.ts";
import {
  add,
  concatenate,
  notEqual,
  pad,
  reshape,
  where,
  zeros,
  zerosLike,
} from "../../../numpy/index.ts";
import { foldIn } from "../../../random/index.ts";
import { requireKey } from "../../../random/key.ts";
import { padTokens } from "../../attention/token-padding.ts";
import { mergedRows } from "../../outputs/merged-rows.ts";
import { flattenRows } from "../../row-chunks.ts";
import type { Health } from "../../stack/reversible.ts";
import { paramsCheck } from "../check-params.ts";
import { commonLength, trimStreams } from "../common-length.ts";
import { positionVectors } from "../positions.ts";
import { contextOf, runLayers, type PassOptions } from "../run-stack.ts";
import { untiedLayers } from "../tied-layers.ts";
import { checkTokens, requireLength } from "../token-vectors.ts";
import { bodyOf, checkShortened, tokenWidth, type ShortenedConfig } from "./config.ts";
import { convolved, drawShortened, type ShortenedParams } from "./params.ts";

/** How a shortened model runs. */
export type ShortenedOptions = Pick<PassOptions, "mode" | "rounds" | "valid">;

const optionKinds: KindsOf<ShortenedOptions> = {
  mode: ["training", "evaluation"],
  rounds: "size",
  valid: "arrayOrNull",
};

const checkShortenedParams = paramsCheck<ShortenedConfig, ShortenedParams>(drawShortened);

export interface ShortenedPass {
  /** What the output layer reads of each token, f32[B, L, e]. */
  readonly vectors: Value;
  readonly health: Health;
}

/**
 * Vectors of tokens i32[B, L], of which those of a token depend on no later one. Groups of F tokens are shifted by F - 1 to the right before
 * they become one vector of the layers: the first token of a group, which reads it, is the last one that it holds.
 */
export function vectorsOf(
  config: ShortenedConfig,
  params: ShortenedParams,
  tokens: Value,
  key: Value,
  options: ShortenedOptions,
  caller: string,
  name = "tokens",
): ShortenedPass {
  checkShortened(config, caller);
  checkOptions<ShortenedOptions>(options, optionKinds, caller);
  checkShortenedParams(params, config, caller);
  const { factor } = config.shorten;
  const [batch, length] = checkTokens(tokens, name, caller);
  if (options.valid) checkArray(options.valid, "i32", [batch, length], "valid", caller);
  requireLength(config, length, caller);
  requireKey(key, caller);
  const training = options.mode === "training";
  const rate = training ? config.dropout : 0;
  const dropped = (x: Value, place: number): Value =>
    rate > 0 ? dropout(foldIn(key, config.layers.length + place), rate, x) : x;
  const embedded = dropped(embedReal(config, params, tokens, options.valid ?? null), 0);
  const groups = grouped(padTo(embedded, factor), factor);
  const { streams, health } = runBody(config, params, groups, key, options);
  const [first, second] = [streams.first, streams.second].map(flattenRows);
  const top = dropped(mergedRows(bodyOf(config), params.norm, first, second), 3);
  const said = dense(params.prolong, top);
  const count = groups.shape[1];
  const prolonged = reshape(said, [batch, count * factor, tokenWidth(config)]);
  const both = concatenate([sliceInDim(prolonged, 0, length, 1), embedded], 2);
  const seen = relu(dense(params.convolution, withPast(both)));
  return { vectors: sru(params.recurrent, seen), health };
}

/** Embeddings and positions, f32[B, L, e]; zeros at padding. */
function embedReal(
  config: ShortenedConfig,
  params: ShortenedParams,
  tokens: Value,
  valid: Value | null,
): Value {
  const vectors = embedding(params.embedding, tokens);
  const at = { positions: config.positions, width: tokenWidth(config) };
  const places = positionVectors(at, params.positions, iota("i32", tokens.shape[1]));
  const all = places ? add(vectors, broadcastInDim(places, vectors.shape, [1, 2])) : vectors;
  if (!valid) return all;
  return where(broadcastInDim(notEqual(valid, 0), all.shape, [0, 1]), all, zerosLike(all));
}

/** x[B, L, ...] with zeros behind it, up to a multiple of the factor. */
function padTo(x: Value, factor: number): Value {
  const [, length, ...rest] = x.shape;
  const more = Math.ceil(length / factor) * factor - length;
  return more === 0 ? x : pad(x, [[0, 0], [0, more], ...rest.map(() => [0, 0] as const)]);
}

/** x[B, n F, ...] as [B, n, F ...], each group with the last token of its own and those before it. */
function grouped(x: Value, factor: number): Value {
  const [batch, length, ...rest] = x.shape;
  const before = zeros([batch, factor - 1, ...rest], x.dtype);
  const shifted = concatenate([before, sliceInDim(x, 0, length - (factor - 1), 1)], 1);
  return reshape(shifted, [batch, length / factor, factor * sizeOf(rest)]);
}

/** The layers on groups of tokens. */
function runBody(
  config: ShortenedConfig,
  params: ShortenedParams,
  groups: Value,
  key: Value,
  { valid = null, rounds, mode = "evaluation" }: ShortenedOptions,
) {
  const { factor } = config.shorten;
  const body = bodyOf(config);
  const [batch, count] = groups.shape;
  const real = valid && reduceMax(grouped(padTo(valid, factor), factor), [2]);
  // Of tokens the layers' context reads how many there are.
  const standIn = zeros([batch, count], "i32");
  const context = contextOf(body, standIn, key, { mode, rounds, valid: real }, "shortened");
  const short = padTokens(dense(params.shorten, groups), commonLength(body, count));
  const layers = untiedLayers(body, params.layers);
  const { streams, health } = runLayers(body, layers, short, context, mode);
  return { streams: trimStreams(streams, count), health };
}

/** Every row of x[B, L, d] behind those before it, f32[B, L, n d]; zeros where a text begins. */
function withPast(x: Value): Value {
  const length = x.shape[1];
  const shifted = Array.from({ length: convolved }, (_, i) => {
    const by = Math.min(length, convolved - 1 - i);
    if (by === 0) return x;
    const before = zeros([x.shape[0], by, x.shape[2]]);
    return concatenate([before, sliceInDim(x, 0, length - by, 1)], 1);
  });
  return concatenate(shifted, 2);
}
