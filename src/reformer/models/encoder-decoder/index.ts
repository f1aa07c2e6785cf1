/** Encoder-decoders: `encoderDecoder.config`, `encoderDecoder.init`, `encoderDecoder.loss` and what goes with them. */
export type { EncoderConfig, EncoderDecoderConfig } from "./config.ts";
export { config } from "./complete-config.ts";
export { init } from "./init.ts";
export {
  logits,
  loss,
  losses,
  nextTokens,
  type NextTokens,
  type PairLoss,
  type PairLosses,
  type TextPair,
} from "./outputs.ts";
export type { DecoderLayerParams, EncoderDecoderParams, EncoderParams } from "./params.ts";
export { decode, encode, type Decoded } from "./passes.ts";
export type { Encoded, TextOptions } from "./texts.ts";
export {
  initUpdateState,
  lossAndUpdate,
  type PairUpdate,
  type PairUpdateState,
  type PairUpdateStep,
} from "./update.ts";
export { parameterCount, trainingBytes } from "./memory.ts";
