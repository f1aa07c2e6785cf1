/** Clear errors for what an encoder-decoder is called with. */
import { checkKind, checkOptions, checkPartsOf, type KindsOf } from "../../../core/arguments.ts";
import { checkArray } from "../../../core/check-array.ts";
import type { Value } from "../../../core/value.ts";
import { requireKey } from "../../../random/key.ts";
import { checkMasks } from "../check-pass.ts";
import { paramsCheck } from "../check-params.ts";
import type { ReformerConfig } from "../config.ts";
import { checkTokens, requireLength } from "../token-vectors.ts";
import { checkPairConfig } from "./complete-config.ts";
import { encoderOf, type EncoderDecoderConfig } from "./config.ts";
import { drawPair } from "./init.ts";
import type { EncoderDecoderParams } from "./params.ts";
import type { Encoded, TextOptions } from "./texts.ts";

const textKinds: KindsOf<TextOptions> = {
  mode: ["training", "evaluation"],
  rounds: "size",
  sourceValid: "arrayOrNull",
  valid: "arrayOrNull",
};

export const checkPairParams = paramsCheck<EncoderDecoderConfig, EncoderDecoderParams>(drawPair);

/** What every pass takes: its texts are checked by themselves. */
export function checkPairPass(
  config: EncoderDecoderConfig,
  params: EncoderDecoderParams,
  key: Value,
  options: TextOptions,
  where: string,
): void {
  checkPairConfig(config, where);
  checkOptions(options, textKinds, where);
  checkPairParams(params, config, where);
  requireKey(key, where);
}

/** Tokens of the source, and the mask that is theirs. */
export function checkSource(
  config: EncoderDecoderConfig,
  source: Value,
  { sourceValid }: TextOptions,
  where: string,
): void {
  const sizes = checkText(encoderOf(config), source, "source", where);
  checkMasks({ valid: sourceValid }, [...sizes, config.width], where);
}

/** Tokens of the target, which go with `batch` sources. */
export function checkTarget(
  config: EncoderDecoderConfig,
  tokens: Value,
  batch: number,
  { valid }: TextOptions,
  where: string,
): void {
  const sizes = checkText(config, tokens, "inputs", where);
  checkArray(tokens, "i32", [batch, sizes[1]], "inputs", where);
  checkMasks({ valid }, [...sizes, config.width], where);
}

function checkText(
  config: ReformerConfig,
  tokens: Value,
  what: string,
  where: string,
): readonly [number, number] {
  const sizes = checkTokens(tokens, what, where);
  requireLength(config, sizes[1], where);
  return sizes;
}

/** What `encode` gave. @returns the number of sources */
export function checkEncoded(
  { width }: EncoderDecoderConfig,
  encoded: Encoded,
  where: string,
): number {
  const kinds = { source: "array", sourceValid: "arrayOrNull", health: "object" } as const;
  const { source, sourceValid } = checkPartsOf(encoded, kinds, "encoded", where);
  const [batch, length] = checkArray(
    source,
    "f32",
    ["B", "S", width],
    "encoded.source",
    where,
  ).shape;
  if (sourceValid) checkArray(sourceValid, "i32", [batch, length], "encoded.sourceValid", where);
  return batch;
}

/** The texts of a call. */
export const checkTexts = <Texts extends object>(
  texts: Texts,
  what: string,
  where: string,
): Texts => checkKind(texts, "object", what, where);
