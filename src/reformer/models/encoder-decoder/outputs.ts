import { checkArray } from "../../../core/check-array.ts";
import type { Value } from "../../../core/value.ts";
import { dynamicSliceInDim } from "../../../lax/index.ts";
import type { CrossEntropyOptions } from "../../../nn/index.ts";
import { argmax, reshape } from "../../../numpy/index.ts";
import { meanLoss } from "../../outputs/mean-loss.ts";
import { chunkedLosses, outputLogits } from "../../outputs/next-token.ts";
import type { Health } from "../../stack/reversible.ts";
import { checkTargets, splitLossOptions } from "../check-pass.ts";
import type { EncoderDecoderConfig } from "./config.ts";
import type { EncoderDecoderParams } from "./params.ts";
import { checkEncoded, checkPairPass, checkSource, checkTarget, checkTexts } from "./check-pair.ts";
import { decodeText, encodeText } from "./passes.ts";
import type { Encoded, TextOptions } from "./texts.ts";

/** A text, and what is to be made of it. */
export interface TextPair {
  /** i32[B, S] */
  readonly source: Value;
  /** The tokens before the targets, i32[B, L]. */
  readonly inputs: Value;
  /** i32[B, L]; those below 0 count nothing. */
  readonly targets: Value;
}

/**
 * Logits f32[B, L, vocabulary] of the token after each of `inputs` i32[B, L], which see what `source` i32[B, S] says.
 *
 * @param key - u32[2], what hash rotations and dropout are drawn from
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { encoderDecoder } from "reformax/reformer";
 * await init();
 * const config = encoderDecoder.config({ vocabulary: 11, width: 16 });
 * const params = encoderDecoder.init(config, key(0));
 * const source = array([[3, 1, 4, 1, 5]], "i32");
 * const inputs = array([[0, 2, 7]], "i32");
 * console.log(encoderDecoder.logits(config, params, { source, inputs }, key(1)).shape); // => [ 1, 3, 11 ]
 */
export function logits(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  texts: Pick<TextPair, "source" | "inputs">,
  key: Value,
  options: TextOptions = {},
): Value {
  const where = "encoderDecoder.logits";
  checkPairPass(config, params, key, options, where);
  const { source, inputs } = checkTexts(texts, "texts", where);
  checkSource(config, source, options, where);
  checkTarget(config, inputs, source.shape[0], options, where);
  const encoded = encodeText(config, params, source, key, options, where);
  const { streams } = decodeText(config, params, encoded, inputs, key, options);
  return outputLogits(config, params, streams);
}

export interface PairLoss {
  /** f32[] */
  readonly loss: Value;
  readonly health: Health;
}

/**
 * Mean negative log likelihood in nats of the targets that are not below 0, f32[]. Its gradient goes through the encoder once: what the
 * layers of the decoder send back to the encoder's result is added up in their reverse sweep, and the encoder's begins with the sum.
 *
 * @example
 * import { grad, init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { encoderDecoder } from "reformax/reformer";
 * await init();
 * const config = encoderDecoder.config({ vocabulary: 11, width: 16 });
 * const params = encoderDecoder.init(config, key(0));
 * const source = array([[3, 1, 4, 1, 5]], "i32");
 * const [inputs, targets] = [array([[0, 2, 7]], "i32"), array([[2, 7, 1]], "i32")];
 * const lossOf = (p: typeof params) =>
 *   encoderDecoder.loss(config, p, { source, inputs, targets }, key(1), { mode: "training" }).loss;
 * console.log(lossOf(params).item() > 1, grad(lossOf)(params).encoder.norm.gamma.shape); // => true [ 16 ]
 */
export function loss(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  pair: TextPair,
  key: Value,
  options: TextOptions & CrossEntropyOptions = {},
): PairLoss {
  const where = "encoderDecoder.loss";
  const { pass, smoothing } = splitLossOptions(options, where);
  checkPairPass(config, params, key, pass, where);
  const { source, inputs, targets } = checkTexts(pair, "pair", where);
  checkSource(config, source, pass, where);
  checkTarget(config, inputs, source.shape[0], pass, where);
  checkTargets(targets, inputs, where);
  const encoded = encodeText(config, params, source, key, pass, where);
  const { streams, health } = decodeText(config, params, encoded, inputs, key, pass);
  return { loss: meanLoss(config, params, streams, targets, smoothing), health };
}

export interface PairLosses {
  /** f32[B, L]; 0 where a target counts nothing. */
  readonly losses: Value;
  readonly health: Health;
}

/** Negative log likelihood in nats of each target, f32[B, L], from an encoded source. */
export function losses(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  encoded: Encoded,
  texts: Pick<TextPair, "inputs" | "targets">,
  key: Value,
  options: TextOptions = {},
): PairLosses {
  const where = "encoderDecoder.losses";
  checkPairPass(config, params, key, options, where);
  const { inputs, targets } = checkTexts(texts, "texts", where);
  checkTarget(config, inputs, checkEncoded(config, encoded, where), options, where);
  checkTargets(targets, inputs, where);
  const { streams, health } = decodeText(config, params, encoded, inputs, key, options);
  return { losses: chunkedLosses(config, params, streams, targets), health };
}

export interface NextTokens {
  /** The likeliest token after position `last` of each row, i32[B]; the lowest of equals. */
  readonly tokens: Value;
  readonly health: Health;
}

/**
 * The likeliest token behind the tokens of `inputs` i32[B, L] up to and with position `last`, i32[]: a step of greedy decoding. What
 * stands behind `last` makes no difference.
 */
export function nextTokens(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  encoded: Encoded,
  begun: { readonly inputs: Value; readonly last: Value },
  key: Value,
  options: TextOptions = {},
): NextTokens {
  const where = "encoderDecoder.nextTokens";
  checkPairPass(config, params, key, options, where);
  const { inputs, last } = checkTexts(begun, "begun", where);
  checkTarget(config, inputs, checkEncoded(config, encoded, where), options, where);
  checkArray(last, "i32", [], "last", where);
  const { streams, health } = decodeText(config, params, encoded, inputs, key, options);
  const at = (x: Value): Value => dynamicSliceInDim(x, last, 1, 1);
  const above = { first: at(streams.first), second: at(streams.second) };
  const found = argmax(outputLogits(config, params, above), 2);
  return { tokens: reshape(found, [inputs.shape[0]]), health };
}
