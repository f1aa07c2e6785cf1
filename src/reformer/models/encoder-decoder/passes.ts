import type { Value } from "../../../core/value.ts";
import { layerNorm } from "../../../nn/index.ts";
import { add, full, less, logicalAnd, maximum, multiply, where } from "../../../numpy/index.ts";
import { foldIn, split } from "../../../random/index.ts";
import { joinStatistics } from "../../attention/hash-statistics.ts";
import type { CrossAttentionContext, SourceContext } from "../../blocks/cross-attention-block.ts";
import type { Health, StackContext, Streams } from "../../stack/reversible.ts";
import { toStream, valuesOf } from "../../stack/stream.ts";
import { trimStreams } from "../common-length.ts";
import { hasDropout, headKeys, repeatKey } from "../context.ts";
import { conventionsOf } from "../layers.ts";
import { untiedLayers } from "../tied-layers.ts";
import { contextOf, passThrough, stackInput, streamDType, type PassOptions } from "../run-stack.ts";
import { checkEncoded, checkPairPass, checkSource, checkTarget } from "./check-pair.ts";
import { encoderOf, readsByKeys, type EncoderDecoderConfig } from "./config.ts";
import { decoderStack } from "./decoder-layers.ts";
import { sourceInputs, type EncoderDecoderParams, type EncoderParams } from "./params.ts";
import type { Encoded, TextOptions } from "./texts.ts";

/**
 * The encoder's result for tokens i32[B, S]: the mean of both streams, normed.
 *
 * @param key - u32[2], what hash rotations and dropout of both texts are drawn from
 */
export function encode(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  tokens: Value,
  key: Value,
  options: TextOptions = {},
): Encoded {
  const where = "encoderDecoder.encode";
  checkPairPass(config, params, key, options, where);
  checkSource(config, tokens, options, where);
  return encodeText(config, params, tokens, key, options, where);
}

/** {@link encode} for callers that have checked what they were given. */
export function encodeText(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  tokens: Value,
  key: Value,
  { sourceValid = null, ...options }: TextOptions,
  where: string,
): Encoded {
  const encoder = encoderOf(config);
  const body = { ...params.encoder, ...sourceInputs(params) };
  const pass = { mode: options.mode, rounds: options.rounds, valid: sourceValid };
  const { streams, health } = passThrough(encoder, body, tokens, sourceKey(key), pass, where);
  return { source: resultOf(config, params.encoder.norm, streams), sourceValid, health };
}

/** What the decoder reads of the streams above the encoder: their mean, normed. */
export function resultOf(
  config: EncoderDecoderConfig,
  norm: EncoderParams["norm"],
  { first, second }: Streams,
): Value {
  const mean = multiply(add(valuesOf(first), valuesOf(second)), 0.5);
  return layerNorm(norm, mean, { epsilon: conventionsOf(config).normEpsilon });
}

/** Both streams above the decoder. */
export interface Decoded {
  readonly streams: Streams;
  /** Of encoder and decoder, whose layers are counted on from the encoder's. */
  readonly health: Health;
}

/** The decoder on tokens i32[B, L], which see those before them and all of an encoded source. */
export function decode(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  encoded: Encoded,
  tokens: Value,
  key: Value,
  options: TextOptions = {},
): Decoded {
  const where = "encoderDecoder.decode";
  checkPairPass(config, params, key, options, where);
  checkTarget(config, tokens, checkEncoded(config, encoded, where), options, where);
  return decodeText(config, params, encoded, tokens, key, options);
}

/** {@link decode} for callers that have checked what they were given. */
export function decodeText(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  encoded: Encoded,
  tokens: Value,
  key: Value,
  options: TextOptions,
): Decoded {
  const { mode = "evaluation", rounds, valid } = options;
  const own = targetKey(key);
  const pass = { mode, rounds, valid };
  const embedded = stackInput(config, params, tokens, own, pass);
  const stream = toStream(embedded, streamDType(config));
  const context = decoderContext(config, encoded, tokens, own, pass);
  const { run } = decoderStack(config, mode);
  const { streams, health } = run(
    untiedLayers(config, params.layers),
    { first: stream, second: stream },
    context,
  );
  return {
    streams: trimStreams(streams, tokens.shape[1]),
    health: joinHealth(encoded.health, health, config.encoder.layers.length),
  };
}

/** What the decoder's layers read besides their parameters. */
export function decoderContext(
  config: EncoderDecoderConfig,
  { source, sourceValid }: Pick<Encoded, "source" | "sourceValid">,
  tokens: Value,
  key: Value,
  options: PassOptions,
): StackContext {
  const { mode = "evaluation" } = options;
  if (readsByKeys(config)) {
    const pass = { ...options, keys: source, keysValid: sourceValid };
    return contextOf(config, tokens, key, pass, "encoderDecoder");
  }
  const around = contextOf(config, tokens, key, options, "encoderDecoder");
  const shared: SourceContext = { ...around.shared, source, sourceValid };
  const layers = around.layers.map(({ f, g }, layer) => ({
    f,
    c: crossContext(config, foldIn(key, config.layers.length + 1 + layer), mode),
    g,
  }));
  return { shared, layers };
}

/** What the encoder draws from. */
export const sourceKey = (key: Value): Value => split(key)[0];
/** What the decoder draws from. */
export const targetKey = (key: Value): Value => split(key)[1];

function crossContext(
  config: EncoderDecoderConfig,
  key: Value,
  mode: "training" | "evaluation",
): CrossAttentionContext {
  const [forWeights, forOutput] = split(key);
  return {
    dropoutKey: hasDropout(config.attentionDropout, { mode })
      ? headKeys(forWeights, config.heads)
      : null,
    outputKey: hasDropout(config.dropout, { mode }) ? repeatKey(forOutput, config.heads) : null,
  };
}

/** Of two stacks, one above the other: the layers of the second are counted from `below`. */
export function joinHealth(first: Health, second: Health, below: number): Health {
  const none = full([], -1, "i32");
  const isFirst = less(none, first.badLayer);
  const isSecond = logicalAnd(less(none, second.badLayer), less(first.badLayer, 0));
  return {
    magnitude: maximum(first.magnitude, second.magnitude),
    badLayer: where(isFirst, first.badLayer, where(isSecond, add(second.badLayer, below), none)),
    hashing: joinStatistics(first.hashing, second.hashing),
  };
}
