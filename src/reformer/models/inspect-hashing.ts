import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { broadcastInDim, gather, iota, slice } from "../../lax/index.ts";
import {
  add,
  concatenate,
  fullLike,
  greaterEqual,
  less,
  logicalAnd,
  notEqual,
  reshape,
  where,
} from "../../numpy/index.ts";
import { bucketCount, bucketSizes } from "../attention/buckets.ts";
import { checkPass } from "./check-pass.ts";
import type { ReformerConfig } from "./config.ts";
import { commonLength } from "./common-length.ts";
import { stored, type HalfTrees, type ReversibleLayer } from "../stack/reversible.ts";
import type { HeadOptions } from "../attention/head-options.ts";
import { contextOf, stackInput, streamDType, type PassOptions } from "./run-stack.ts";
import type { ReformerParams } from "./params.ts";
import { buildLayers, headOptions, ordinary } from "./layers.ts";
import { untiedLayers } from "./tied-layers.ts";
import { sort } from "../attention/lsh.ts";
import { usedBuckets, type HashBuckets } from "./hash-buckets.ts";
import { toStream } from "../stack/stream.ts";
import { padValid } from "../attention/token-padding.ts";

/** How one lsh layer hashed, sorted and cut up the tokens of a pass; all i32[batch, heads, rounds, ...]. */
export interface LayerHashing {
  /** Bucket of each token, [..., length]; padding has the number of buckets. */
  readonly buckets: Value;
  /** Place of each token in the order of buckets, [..., length]. */
  readonly slots: Value;
  /** Chunk of each token, [..., length]: a chunk is so many slots in a row. */
  readonly chunks: Value;
  /** Token at each slot, [..., slots]: `length` rounded up to whole chunks. -1 where there is padding. */
  readonly order: Value;
  /**
   * Tokens that the tokens of a chunk look at, by slot, [..., chunks, window]: those of the chunks around and
   * of its own. -1 where there is none. Of these a token attends to what the mask and, where
   * the conventions say so, its bucket leave.
   */
  readonly seen: Value;
}

/** Which pass is looked at. */
export type HashingOptions = Omit<PassOptions, "ablation">;

/**
 * How the lsh layers hash tokens i32[batch, length]: the buckets of the forward pass itself, on the exact streams.
 * Equal keys, modes and rounds as in {@link loss} or {@link logits} show what these did. Kitaev et al. 2020,
 * section 2. Works under `jit`; not differentiable.
 *
 * @param key - u32[2], what hash rotations and dropout are drawn from
 * @returns one entry per layer, null where it hashes nothing: other kinds of attention, or one chunk holds all tokens
 * @throws ReformaxError when the tokens do not fit the model
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, inspectHashing, type ReformerConfig } from "reformax/reformer";
 * await init();
 * const config: ReformerConfig = {
 *   conventions: "paper", vocabulary: 8, width: 8, heads: 2, headWidth: 4, feedForwardWidth: 8, activation: "relu",
 *   layers: ["local", "lsh"], local: { chunk: 2, before: 1, after: 0 },
 *   lsh: { chunk: 2, before: 1, after: 0, rounds: 3, evaluationRounds: null, buckets: [4] },
 *   positions: { kind: "learned", length: 6 }, tiedEmbedding: false, dropout: 0, attentionDropout: 0,
 *   normEpsilon: null, reversible: "exact", fractionBits: 20, feedForwardChunk: null, lossChunk: null,
 * };
 * const params = initParams(config, key(1));
 * const [local, lsh] = inspectHashing(config, params, array([[1, 2, 3, 4, 5, 6]], "i32"), key(2));
 * console.log(local, lsh?.buckets.shape, lsh?.seen.shape); // => null [ 1, 2, 3, 6 ] [ 1, 2, 3, 3, 4 ]
 */
export function inspectHashing(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: HashingOptions = {},
): readonly (LayerHashing | null)[] {
  const saved = inspectedPass(config, params, tokens, key, options, "inspectHashing");
  return layerHashings(config, usedBuckets(saved), tokens, options);
}

/**
 * What the attention half-blocks of a pass keep, layer by layer.
 *
 * @param watching - the layers with something in place of their blocks that keeps more
 */
export function inspectedPass(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: HashingOptions,
  where: string,
  watching: (layers: readonly ReversibleLayer[]) => readonly ReversibleLayer[] = (layers) => layers,
): readonly HalfTrees[] {
  checkPass({ config, params, tokens: ["tokens", tokens], key, options }, where);
  const stream = toStream(stackInput(config, params, tokens, key, options), streamDType(config));
  const context = contextOf(config, tokens, key, options, where);
  const layers = watching(buildLayers(config, options.mode ?? "evaluation"));
  const pass = config.reversible === "none" ? ordinary(config, layers) : stored(layers);
  const below = { first: stream, second: stream };
  return pass(untiedLayers(config, params.layers), below, context).saved;
}

/** From the buckets i32[batch, heads, rounds, padded length] that each layer used, or null. */
export function layerHashings(
  config: ReformerConfig,
  buckets: HashBuckets,
  tokens: Value,
  options: HashingOptions,
): readonly (LayerHashing | null)[] {
  const head = headOptions(config, "lsh", options.mode ?? "evaluation");
  const sizes = bucketSizes(head, commonLength(config, tokens.shape[1]));
  return buckets.map((used) => used && hashingOf(used, head, bucketCount(sizes), tokens, options));
}

/** From the buckets i32[batch, heads, rounds, padded length] that a layer used. */
function hashingOf(
  padded: Value,
  head: HeadOptions,
  numBuckets: number,
  tokens: Value,
  options: HashingOptions,
): LayerHashing {
  const [batch, length] = tokens.shape;
  const given = options.valid ?? null;
  const { order, inverse } = sort(padded, numBuckets + 1);
  const valid = broadcastInDim(padValid(given, tokens, padded.shape[3]), padded.shape, [0, 3]);
  const isReal = notEqual(gather(valid, order, 3), 0);
  const tokenAt = where(isReal, order, -1);
  const ofTokens = (x: Value): Value =>
    slice(x, [0, 0, 0, 0], [batch, ...x.shape.slice(1, 3), length]);
  return {
    buckets: ofTokens(padded),
    slots: ofTokens(inverse),
    // Slots are not negative: what truncates rounds down.
    chunks: ofTokens(ops.div(inverse, fullLike(inverse, head.chunkLength))),
    order: tokenAt,
    seen: windows(tokenAt, head),
  };
}

/** What stands in the slots around each chunk, [..., rounds, chunks, window], of what stands in each slot, [..., rounds, slots]. */
function windows(
  order: Value,
  { chunkLength, before, after, conventions: { circular } }: HeadOptions,
): Value {
  const [batch, heads, rounds, slots] = order.shape;
  const chunks = slots / chunkLength;
  const all = rounds * chunks;
  const chunksOf = reshape(order, [batch, heads, all, chunkLength]);
  const parts = Array.from({ length: before + 1 + after }, (_, i) => {
    const offset = i - before;
    const shifted = rotate(chunksOf, offset);
    if (circular || offset === 0) return shifted;
    const place = ops.rem(iota("i32", chunksOf.shape, 2), fullLike(chunksOf, chunks));
    const target = add(place, offset);
    const exists = logicalAnd(greaterEqual(target, 0), less(target, chunks));
    return where(exists, shifted, -1);
  });
  const joined = concatenate(parts, 3);
  return reshape(joined, [batch, heads, rounds, chunks, parts.length * chunkLength]);
}

/** x[..., (i + offset) mod n, ...] at place i of the ring along axis 2. */
function rotate(x: Value, offset: number): Value {
  const n = x.shape[2];
  const start = ((offset % n) + n) % n;
  if (start === 0) return x;
  const from = (a: number, b: number): Value =>
    slice(x, [0, 0, a, 0], [x.shape[0], x.shape[1], b, x.shape[3]]);
  return concatenate([from(start, n), from(0, start)], 2);
}
