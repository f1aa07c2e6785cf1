import type { Value } from "../../core/value.ts";
import { add, fullLike, maximum, subtract } from "../../numpy/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import type { Encoded } from "../models/encoder-decoder/texts.ts";
import type { ReformerParams } from "../models/params.ts";
import { longestLength } from "../models/positions.ts";
import type { Health } from "../stack/reversible-layer.ts";
import type { HeadRow, LayerCache } from "./cache.ts";
import { checkPrompt, checkRead, checkStates } from "./check-decode.ts";
import { decoderOf, type Decoder } from "./decoder.ts";
import { keptLayer, withToken } from "./kept-layer.ts";
import { moved } from "./local-window.ts";
import { readPrompt, readToken } from "./passes.ts";
import { sourceCache, type SourceCache } from "./source.ts";
import { savedUnits } from "./units.ts";

/**
 * What decoding keeps of the tokens that were read: a tree of arrays like any other, to be copied, stored, reordered (the axis of
 * sequences is the second one of every layer's arrays) or given to `jit` with `donateArgnums`, so that it is updated in place.
 */
export interface DecodeCache {
  /** Tokens read so far, i32[B]. */
  readonly position: Value;
  /** While streaming alone: tokens of each text, the first ones, that lsh and full layers do not see any more, i32[B]. */
  readonly forgotten?: Value;
  readonly layers: readonly LayerCache[];
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
  /**
   * Whether the text may go on when there are `capacity` tokens, at the cost of what was first: lsh and full layers see the last `capacity` tokens,
   * sorted and chunked as if these were all. Local layers and heads see the windows that they have in the whole text, and memory stays. Running
   * means and the states of recurrent units are those of the whole text, and positions go on: those of a table (learned, axial) up to its end,
   * behind which the first layer is bad, as `health` says. Absent: beyond `capacity` nothing is read.
   */
  readonly streaming?: boolean;
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
 * longer than a chunk), that is what the whole model gives for the text. Recurrent units go on from their states. Memory stands behind the text at every token.
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
  const decoder = decoderOf(config, options, where);
  const { rows, rotations, source, position, ...read } = readPrompt(
    decoder,
    params,
    tokens,
    key,
    options,
  );
  const layers = rows.map(({ f, g }, i) => ({
    ...keptLayer(f, decoder.heads[i]),
    ...savedUnits(g, "states"),
  }));
  const kept = source && { source: sourceCache(source.layers, source.valid) };
  const forgotten = options.streaming && { forgotten: forgottenOf(position, decoder) };
  return { ...read, cache: { position, ...forgotten, layers, rotations, ...kept } };
}

/**
 * Reads one more token i32[B] of each sequence, at the cost of one token. See {@link begin}.
 *
 * @throws ShapeError for other tokens. Beyond the capacity the first layer that keeps all tokens is bad, as `health` says, and logits mean
 *   nothing; local layers keep the tokens of their windows alone, and have no such end, nor has a text that is streamed. Beyond a table of positions
 *   the first layer is bad
 */
export function next(
  config: ReformerConfig,
  params: ReformerParams,
  cache: DecodeCache,
  token: Value,
): Decoded {
  const where = "decoding.next";
  checkRead(config, params, cache, token, where);
  checkStates(config, cache, where);
  const streaming = cache.forgotten !== undefined;
  const decoder = decoderOf(config, { capacity: capacityOf(config, cache), streaming }, where);
  const { position } = cache;
  const seen = cache.layers.map((layer, i) => moved(layer, position, decoder.heads[i]));
  const own = seen.map(({ states, ...cache }) => ({
    f: { cache },
    ...(states && { g: { states } }),
  }));
  const { saved, ...read } = readToken(decoder, "token", params, cache, own, token);
  const layers = seen.map((layer, i) => ({
    ...withToken(layer, saved[i].f as HeadRow, decoder.heads[i], position),
    ...savedUnits(saved[i].g, "states"),
  }));
  const after = add(position, 1);
  const forgotten = streaming && { forgotten: forgottenOf(after, decoder) };
  return { ...read, cache: { ...cache, position: after, ...forgotten, layers } };
}

/** Tokens that the next one does not see, i32[B], where so many have been read. */
function forgottenOf(position: Value, { heads }: Decoder): Value {
  const [one] = heads.filter(({ kind }) => kind !== "local");
  return one ? maximum(subtract(add(position, 1), one.capacity), 0) : fullLike(position, 0);
}

/** Tokens that there is room for beside memory. Local layers alone need no more than their windows. */
function capacityOf(
  { layers, attention, positions }: ReformerConfig,
  cache: Pick<DecodeCache, "layers">,
): number {
  const { memory = 0 } = attention ?? {};
  const rows = cache.layers.map(({ keys }) => keys.shape[2]);
  const kept = rows.filter((_, i) => layers[i] !== "local").map((count) => count - memory);
  return kept.length > 0 ? kept[0] : Math.min(Math.max(...rows), longestLength(positions));
}
