import type { Value } from "../../core/value.ts";
import { iota, sliceInDim } from "../../lax/index.ts";
import { add, full, reshape } from "../../numpy/index.ts";
import { embedding } from "../../nn/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import { namesHeads, stackContext } from "../models/context.ts";
import { joinHealth, targetKey } from "../models/encoder-decoder/passes.ts";
import type { Encoded } from "../models/encoder-decoder/texts.ts";
import type { ReformerParams } from "../models/params.ts";
import { positionVectors } from "../models/positions.ts";
import { streamDType } from "../models/run-stack.ts";
import { untiedLayers } from "../models/tied-layers.ts";
import { embedTokens } from "../models/token-vectors.ts";
import { rowLogits } from "../outputs/next-token.ts";
import { flattenRows } from "../row-chunks.ts";
import type { Health, HalfTrees, StackContext, Streams } from "../stack/reversible-layer.ts";
import { toStream } from "../stack/stream.ts";
import type { HeadCache, HeadRow } from "./cache.ts";
import { checkPrompt, checkRead } from "./check-decode.ts";
import { decoderOf, type Decoder } from "./decoder.ts";
import type { PromptRows } from "./decoding-blocks.ts";
import { keptLayer, withToken } from "./kept-layer.ts";
import { moved } from "./local-window.ts";
import {
  counted,
  sharedOf,
  sourceCache,
  type SourceCache,
  type SourceRows,
  type SourceText,
} from "./source.ts";

/**
 * What decoding keeps of the tokens that were read: a tree of arrays like any other, to be copied, stored, reordered (the axis of
 * sequences is the second one of every layer's arrays) or given to `jit` with `donateArgnums`, so that it is updated in place.
 */
export interface DecodeCache {
  /** Tokens read so far, i32[B]. */
  readonly position: Value;
  readonly layers: readonly HeadCache[];
  /** Of the layers that hash, f32[heads, 1, d, rounds, half]: the same for all tokens. */
  readonly rotations: readonly (Value | null)[];
  /** Of an encoder-decoder alone: what its layers keep of the source. */
  readonly source?: SourceCache;
}

export interface Decoded<Cache = DecodeCache> {
  readonly cache: Cache;
  /** Of the token after those that were read, f32[B, vocabulary]. */
  readonly logits: Value;
  readonly health: Health;
}

export interface DecodeOptions {
  /** Tokens that there is room for, prompt and answer together. The automatic number of buckets is the one of this length and memory. */
  readonly capacity: number;
  /** Hash rounds; those of the configuration outside of training when absent. */
  readonly rounds?: number;
  /** What `encoderDecoder.encode` made of the source of each prompt: for encoder-decoders, which need it, alone. */
  readonly encoded?: Encoded;
}

/**
 * Reads prompts of one length: tokens i32[B, L], at least one each, by one pass of the model, whose keys, values and buckets are kept.
 *
 * What decoding is: token t sees, in each layer, row t of the attention over the kept vectors of tokens 0 to t, sorted and chunked as
 * at length t + 1; rotations, the number of buckets and the sums of a running mean are the cache's. Where no later token can
 * change what an earlier one saw (local and full layers without a ring; lsh with the bucket mask as long as no bucket is
 * longer than a chunk), that is what the whole model gives for the text. Memory stands behind the text at every token.
 *
 * Configuration and parameters may be those of an encoder-decoder, whose `encoded` sources are among the options. Keys and values of the source are
 * computed once; each token costs what attention to them costs.
 *
 * @param key - u32[2], what hash rotations are drawn from
 * @throws ReformaxError where the prompt or the positions have no room, and for models that are not causal
 * @example
 * import { init, jit } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { decoding, initParams, reformerConfig, type DecodeCache } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4 }, local: { chunk: 4 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, ...chunks });
 * const params = initParams(config, key(0));
 * const prompt = array([[3, 1, 4]], "i32");
 * const begun = decoding.begin(config, params, prompt, key(1), { capacity: 32 });
 * const next = jit((cache: DecodeCache, token: ReturnType<typeof array>) =>
 *   decoding.next(config, params, cache, token));
 * const { logits, cache } = next(begun.cache, array([1], "i32"));
 * console.log(logits.shape, cache.position.toArray()); // => [ 1, 11 ] [ 4 ]
 */
export function begin(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: DecodeOptions,
): Decoded {
  const where = "decoding.begin";
  checkPrompt(config, params, tokens, key, options, where);
  const decoder = decoderOf(config, options.capacity, where);
  const { rows, rotations, source, position, ...read } = readPrompt(
    decoder,
    params,
    tokens,
    key,
    options,
  );
  const layers = rows.map((read, i) => keptLayer(read, decoder.heads[i]));
  const kept = source && { source: sourceCache(source.layers, source.valid) };
  return { ...read, cache: { position, layers, rotations, ...kept } };
}

/**
 * Reads one more token i32[B] of each sequence, at the cost of one token. See {@link begin}.
 *
 * @throws ShapeError for other tokens. Beyond the capacity the first layer that keeps all tokens is bad, as `health` says, and logits mean
 *   nothing; local layers keep the tokens of their windows alone, and have no such end
 */
export function next(
  config: ReformerConfig,
  params: ReformerParams,
  cache: DecodeCache,
  token: Value,
): Decoded {
  const where = "decoding.next";
  checkRead(config, params, cache, token, where);
  const decoder = decoderOf(config, capacityOf(config, cache), where);
  const { position } = cache;
  const seen = cache.layers.map((layer, i) => moved(layer, position, decoder.heads[i]));
  const own = seen.map((layer) => ({ cache: layer }));
  const { saved, ...read } = readToken(decoder, "token", params, cache, own, token);
  const layers = seen.map((layer, i) =>
    withToken(layer, saved[i].f as HeadRow, decoder.heads[i], position),
  );
  return { ...read, cache: { ...cache, position: add(position, 1), layers } };
}

/** Tokens that there is room for beside memory. Local layers alone need no more than their windows. */
function capacityOf(
  { layers, attention }: ReformerConfig,
  cache: Pick<DecodeCache, "layers">,
): number {
  const { memory = 0 } = attention ?? {};
  const rooms = cache.layers.map(
    ({ keys }, i) => keys.shape[2] - (layers[i] === "local" ? 0 : memory),
  );
  return Math.max(...rooms);
}

/** A prompt through the layers, and what they keep of it. */
export function readPrompt(
  decoder: Decoder,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  { capacity, rounds, encoded }: DecodeOptions,
) {
  const { config, below } = decoder;
  const [batch, length] = tokens.shape;
  const own = encoded ? targetKey(key) : key;
  const options = { mode: "evaluation", length: capacity, rounds } as const;
  const { shared, layers } = stackContext(config, own, options);
  const embedded = toStream(embedTokens(config, params, tokens), streamDType(config));
  const { streams, health, saved } = decoder.prompt(
    untiedLayers(config, params.layers),
    { first: embedded, second: embedded },
    encoded
      ? {
          shared: { ...shared, source: encoded.source, sourceValid: encoded.sourceValid },
          layers: layers.map((layer) => ({ ...layer, c: noDropout })),
        }
      : { shared, layers },
  );
  const last = (x: Value): Value => sliceInDim(x, length - 1, length, 1);
  const top = { first: last(streams.first), second: last(streams.second) };
  return {
    logits: topLogits(config, params, top),
    health: encoded ? joinHealth(encoded.health, health, below ?? 0) : health,
    position: full([batch], length, "i32"),
    rotations: layers.map(({ f }) => f.rotations),
    rows: saved.map(({ f }) => f as PromptRows),
    ...(encoded && {
      source: { layers: saved.map(({ c }) => c as SourceRows), valid: encoded.sourceValid },
    }),
  };
}

/** One more token through the layers; what each adds is what its attention saved. */
export function readToken(
  decoder: Decoder,
  way: "token" | "definition" | "huggingFaceToken",
  params: ReformerParams,
  {
    position,
    rotations,
    source,
  }: Pick<DecodeCache, "position" | "rotations"> & {
    readonly source?: SourceCache | SourceText;
  },
  own: readonly object[],
  token: Value,
): Pick<Decoded, "logits" | "health"> & { readonly saved: readonly HalfTrees[] } {
  const { config, below } = decoder;
  const [batch] = position.shape;
  const head = namesHeads(config) ? { head: iota("i32", config.heads) } : {};
  const context: StackContext = {
    shared: { valid: null, position, ...(source && sharedOf(source)) },
    layers: own.map((f, i) => ({
      f: { ...nothingRandom, ...head, ...f, rotations: rotations[i] },
      ...(source && { c: { ...noDropout, ...source.layers[i] } }),
      g: { dropoutKey: null },
    })),
  };
  const vectors = embedding(params.embedding, token);
  const places = positionVectors(config, params.positions, position);
  const rows = places ? add(vectors, places) : vectors;
  const stream = toStream(reshape(rows, [batch, 1, config.width]), streamDType(config));
  const { streams, health, saved } = decoder[way](
    untiedLayers(config, params.layers),
    { first: stream, second: stream },
    context,
  );
  return { logits: topLogits(config, params, streams), health: counted(health, below), saved };
}

const noDropout = { dropoutKey: null, outputKey: null } as const;

export const nothingRandom = { dropoutKey: null, outputKey: null, bucketShuffle: null } as const;

/** Logits of the rows of streams at the top. */
export const topLogits = (config: ReformerConfig, params: ReformerParams, top: Streams): Value =>
  rowLogits(config, params, flattenRows(top.first), flattenRows(top.second));
