/** Clear errors for what decoding is called with. */
import { checkListOf, checkPartsOf, checkRecord } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { ReformaxError } from "../../core/errors.ts";
import { orAbsent } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import { requireKey } from "../../random/key.ts";
import { checkConfig } from "../models/check-config.ts";
import { hasEncoder } from "../models/encoder-decoder/config.ts";
import { checkEncoded, checkPairParams } from "../models/encoder-decoder/check-pair.ts";
import { checkPairConfig } from "../models/encoder-decoder/complete-config.ts";
import type { EncoderDecoderParams } from "../models/encoder-decoder/params.ts";
import type { Encoded } from "../models/encoder-decoder/texts.ts";
import { checkParams } from "../models/check-pass.ts";
import type { ReformerConfig } from "../models/config.ts";
import { formOf } from "../models/feed-forward-form.ts";
import type { ReformerParams } from "../models/params.ts";
import { checkTokens } from "../models/token-vectors.ts";

const decodeKinds = {
  capacity: "size",
  streaming: orAbsent("flag"),
  rounds: orAbsent("size"),
  encoded: orAbsent("object"),
} as const;

interface Room {
  readonly capacity: number;
  readonly streaming?: boolean;
  readonly rounds?: number;
  readonly encoded?: Encoded;
}

/** Configuration and parameters of a language model, or of an encoder-decoder. */
function checkModel(config: ReformerConfig, params: ReformerParams, where: string): void {
  if (isObject(config) && hasEncoder(config)) {
    checkPairConfig(config, where);
    checkPairParams(params as EncoderDecoderParams, config, where);
  } else {
    checkConfig(config, where);
    checkParams(params, config, where);
  }
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

/** What prompts are read with. */
export function checkPrompt(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: Room,
  where: string,
): void {
  checkRecord(options, decodeKinds, "options", where);
  checkModel(config, params, where);
  const [, length] = checkTokens(tokens, "tokens", where);
  requireRoom(length, options.capacity, where);
  requireSource(config, options.encoded, tokens, where);
  requireKey(key, where);
}

/** Throws unless encoder-decoders, and these alone, have a source for every prompt. */
function requireSource(
  config: ReformerConfig,
  encoded: Encoded | undefined,
  tokens: Value,
  where: string,
): void {
  if (hasEncoder(config) && encoded) {
    const batch = checkEncoded(config, encoded, where);
    checkArray(tokens, "i32", [batch, tokens.shape[1]], "tokens", where);
  } else if (encoded) {
    throw new ReformaxError("a model without an encoder reads no source", {
      where,
      expected: "options without encoded",
      got: "options.encoded",
    });
  } else if (hasEncoder(config)) {
    throw new ReformaxError("the source of the texts is missing", {
      where,
      expected: "options.encoded, what encoderDecoder.encode makes of it",
      got: "a configuration with an encoder alone",
    });
  }
}

/** Throws unless a prompt has a token and no more than there is room for. */
function requireRoom(length: number, capacity: number, where: string): void {
  if (length >= 1 && length <= capacity) return;
  throw new ReformaxError("the prompt does not fit", {
    where,
    expected: `1 to ${capacity} tokens`,
    got: String(length),
    fix: "An empty prompt may be any one token that texts begin with.",
  });
}

/** What is read of any cache. */
interface Cached {
  readonly position: Value;
  readonly forgotten?: Value;
  readonly layers: readonly {
    readonly keys: Value;
    readonly values: Value;
    readonly states?: Value;
  }[];
  readonly rotations: readonly (Value | null)[];
}

/** Throws unless this is a cache of some model. @returns its sequences */
export function checkCache(cache: Cached, what: string, where: string): number {
  const kinds = {
    position: "array",
    forgotten: orAbsent("array"),
    layers: "list",
    rotations: "list",
  } as const;
  checkPartsOf<Cached>(cache, kinds, what, where);
  const [batch] = checkArray(cache.position, "i32", ["B"], `${what}.position`, where).shape;
  const { forgotten } = cache;
  if (forgotten) checkArray(forgotten, "i32", [batch], `${what}.forgotten`, where);
  cache.layers.forEach((layer, i) => {
    const path = `${what}.layers.${i}`;
    const arrays = { keys: "array", values: "array", states: orAbsent("array") } as const;
    const { keys, values, states } = checkPartsOf(layer, arrays, path, where);
    checkArray(keys, "f32", ["heads", batch, "C", "d"], `${path}.keys`, where);
    checkArray(values, "f32", ["heads", batch, "C", "e"], `${path}.values`, where);
    if (states) checkArray(states, "f32", [1, batch, "units * d"], `${path}.states`, where);
  });
  return batch;
}

/** What one more token is read with. */
export function checkRead(
  config: ReformerConfig,
  params: ReformerParams,
  cache: Cached,
  token: Value,
  where: string,
): void {
  checkModel(config, params, where);
  const batch = checkCache(cache, "cache", where);
  checkListOf(cache.layers, config.layers.length, "cache.layers", where);
  checkListOf(cache.rotations, config.layers.length, "cache.rotations", where);
  checkArray(token, "i32", [batch], "token", where);
}

/** Throws unless the layers with recurrent units have the states of these. */
export function checkStates(
  { width, layers, feedForward }: ReformerConfig,
  { position, layers: kept }: Cached,
  where: string,
): void {
  if (!feedForward?.recurrent) return;
  const { layers: count, units = width } = feedForward.recurrent;
  layers.forEach((_, i) => {
    if (formOf({ feedForward }, i) !== "recurrent") return;
    const path = `cache.layers.${i}`;
    const { states } = checkPartsOf<{ readonly states: Value }>(
      kept[i] as { readonly states: Value },
      { states: "array" },
      path,
      where,
    );
    checkArray(states, "f32", [1, position.shape[0], count * units], `${path}.states`, where);
  });
}
