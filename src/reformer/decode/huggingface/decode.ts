import { checkArray } from "../../../core/check-array.ts";
import { ReformaxError } from "../../../core/errors.ts";
import type { Value } from "../../../core/value.ts";
import { broadcastInDim, sliceInDim } from "../../../lax/index.ts";
import { add, full, greaterEqual } from "../../../numpy/index.ts";
import { bucketCount } from "../../attention/buckets.ts";
import { padTokens, padValid } from "../../attention/token-padding.ts";
import { commonLength } from "../../models/common-length.ts";
import type { ReformerConfig } from "../../models/config.ts";
import { hasEncoder } from "../../models/encoder-decoder/config.ts";
import { drawContext } from "../../models/context.ts";
import type { ReformerParams } from "../../models/params.ts";
import { streamDType } from "../../models/run-stack.ts";
import { untiedLayers } from "../../models/tied-layers.ts";
import { embedTokens } from "../../models/token-vectors.ts";
import { toStream } from "../../stack/stream.ts";
import type { HeadRow } from "../cache.ts";
import { checkPrompt, checkRead } from "../check-decode.ts";
import type { Decoded, DecodeOptions } from "../decode.ts";
import { decoderOf, type Decoder } from "../decoder.ts";
import type { PromptRows } from "../decoding-blocks.ts";
import { nothingRandom, readToken, topLogits } from "../passes.ts";
import { nextStride, rowsOf, withRow, type LayerRows } from "./cache.ts";

/** What is kept of the tokens that were read. The axis of sequences is the second one of every layer's arrays. */
export interface HuggingFaceCache {
  /** Tokens read so far, i32[B]. */
  readonly position: Value;
  /** The position from which on lsh layers look into chunks, i32[B]; before that they look at everything. */
  readonly hashedFrom: Value;
  readonly layers: readonly LayerRows[];
  /** Of the layers that hash, f32[heads, 1, d, rounds, half]: the same for all tokens. */
  readonly rotations: readonly (Value | null)[];
}

/**
 * Reads prompts as HuggingFace's Reformer does with `use_cache`, for an imported model that is to write what it writes there: prompts
 * of one length, tokens i32[B, L], by one pass of the model; then {@link next}, token by token.
 *
 * A later token of an lsh layer sees the chunk that it falls into when the tokens so far are sorted by bucket in each round, and the
 * chunks beside it, around the ring of that round: neither bucket nor order masks a key, and in a short text some count twice. Before a
 * text has a chunk's length it sees everything. A local layer's token sees from the chunk `before` its own on. Where this
 * differs from HuggingFace: rotations are drawn once and kept (there they are new for each token, unless `hash_seed` is set), sequences of a batch
 * do not read each other's states, and an automatic number of buckets is the one of the capacity (there of the first text that
 * is hashed).
 *
 * The cost of a token grows with the capacity. {@link decoding.begin} is what costs one token's share.
 *
 * @param key - u32[2], what hash rotations are drawn from
 * @throws ReformaxError where the prompt or the positions have no room, for models that are not causal, and for centred hashing
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { decoding, initParams, reformerConfig } from "reformax/reformer";
 * await init();
 * const window = { chunk: 4 };
 * const lsh = { ...window, centred: false };
 * const config = reformerConfig({ conventions: "huggingface", vocabulary: 11, width: 16, local: window, lsh });
 * const params = initParams(config, key(0));
 * const prompt = array([[3, 1, 4, 1, 5]], "i32");
 * const begun = decoding.huggingFace.begin(config, params, prompt, key(1), { capacity: 32 });
 * const { logits, cache } = decoding.huggingFace.next(config, params, begun.cache, array([9], "i32"));
 * console.log(logits.shape, cache.position.toArray()); // => [ 1, 11 ] [ 6 ]
 */
export function begin(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: DecodeOptions,
): Decoded<HuggingFaceCache> {
  const where = "decoding.huggingFace.begin";
  checkPrompt(config, params, tokens, key, options, where);
  const { capacity, rounds, streaming } = options;
  if (streaming) {
    throw new ReformaxError("HuggingFace's cache does not forget", {
      where,
      expected: "options without streaming",
      got: "true",
      fix: "decoding.begin does.",
    });
  }
  const decoder = decoderFor(config, capacity, where);
  const [, length] = tokens.shape;
  const mostTokens = Math.max(capacity, commonLength(config, length));
  const { layers } = drawContext(decoder.config, key, {
    mode: "evaluation",
    rounds,
    length: mostTokens,
  });
  const rotations = layers.map(({ f }) => f.rotations);
  return readPrompt(decoder, params, tokens, rotations, capacity);
}

/** {@link begin} with these rotations of the layers. */
export function readPrompt(
  decoder: Decoder,
  params: ReformerParams,
  tokens: Value,
  rotations: HuggingFaceCache["rotations"],
  capacity: number,
): Decoded<HuggingFaceCache> {
  const { config, sizes } = decoder;
  const [batch, length] = tokens.shape;
  const padded = commonLength(config, length);
  const embedded = padTokens(embedTokens(config, params, tokens), padded);
  const stream = toStream(embedded, streamDType(config));
  const valid = padded === length ? null : padValid(null, tokens, padded);
  const { streams, health, saved } = decoder.huggingFacePrompt(
    untiedLayers(config, params.layers),
    { first: stream, second: stream },
    {
      shared: { valid },
      layers: rotations.map((own) => ({
        f: { ...nothingRandom, rotations: own },
        g: { dropoutKey: null },
      })),
    },
  );
  const last = (x: Value): Value => sliceInDim(x, length - 1, length, 1);
  const isHashed = padded > longestWhole(config);
  // Padding has a bucket of its own, which HuggingFace counts with the others of a text that it hashes.
  const stride = bucketCount(sizes) + (isHashed && padded > length ? 1 : 0);
  return {
    logits: topLogits(config, params, { first: last(streams.first), second: last(streams.second) }),
    health,
    cache: {
      position: full([batch], length, "i32"),
      hashedFrom: full([batch], isHashed ? 0 : Math.max(longestWhole(config), length + 1), "i32"),
      layers: saved.map(({ f }) => rowsOf(f as PromptRows, { length, capacity, stride })),
      rotations,
    },
  };
}

/** Reads one more token i32[B] of each sequence. See {@link begin}. */
export function next(
  config: ReformerConfig,
  params: ReformerParams,
  cache: HuggingFaceCache,
  token: Value,
): Decoded<HuggingFaceCache> {
  const where = "decoding.huggingFace.next";
  checkRead(config, params, cache, token, where);
  checkArray(cache.hashedFrom, "i32", cache.position.shape, "cache.hashedFrom", where);
  const decoder = decoderFor(config, cache.layers[0].keys.shape[2], where);
  const isLong = greaterEqual(cache.position, cache.hashedFrom);
  const own = cache.layers.map((past) => ({ f: { past, ...hashingOf(decoder, past, isLong) } }));
  const { saved, ...read } = readToken(decoder, "huggingFaceToken", params, cache, own, token);
  const layers = cache.layers.map((rows, i) =>
    withRow(rows, saved[i].f as HeadRow, cache.position),
  );
  return { ...read, cache: { ...cache, position: add(cache.position, 1), layers } };
}

/** The same for all heads of a layer. */
function hashingOf({ sizes, config }: Decoder, { buckets }: LayerRows, isLong: Value) {
  if (!buckets) return { stride: null, isLong: null };
  const ofHeads = (x: Value): Value => broadcastInDim(x, [config.heads, x.shape[0]], [1]);
  const stride = ofHeads(nextStride(buckets, bucketCount(sizes)));
  return { stride, isLong: ofHeads(isLong) };
}

const longestWhole = ({ lsh }: ReformerConfig): number => lsh.wholeUpTo ?? lsh.chunk;

function decoderFor(config: ReformerConfig, capacity: number, where: string): Decoder {
  const decoder = decoderOf(config, { capacity }, where);
  const { rotaryBase, outputBias, memory, localHeads } = config.attention ?? {};
  const parts = Object.entries({
    "an encoder": hasEncoder(config),
    "attention.rotaryBase": rotaryBase,
    "attention.outputBias": outputBias,
    "attention.memory": memory,
    "attention.localHeads": localHeads,
    "feedForward.recurrent": config.feedForward?.recurrent,
    "lsh.bestBuckets": config.lsh.bestBuckets,
  }).flatMap(([name, value]) => (value ? [name] : []));
  if (parts.length > 0) {
    throw new ReformaxError("HuggingFace's Reformer has no such part", {
      where,
      expected:
        "a configuration without an encoder, turning queries, output bias, memory, local heads, recurrent units and best buckets",
      got: parts.join(", "),
      fix: "decoding.begin and decoding.next decode all of them; in the program --decode cache.",
    });
  }
  if (!config.lsh.centred || !config.layers.includes("lsh")) return decoder;
  throw new ReformaxError("HuggingFace's decoding hashes vectors as they are", {
    where,
    expected: "a configuration with lsh.centred false",
    got: "true",
    fix: "decoding.begin and decoding.next centre; in the program --decode cache.",
  });
}
