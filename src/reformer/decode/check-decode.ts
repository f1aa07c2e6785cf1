/** Clear errors for what decoding is called with. */
import { checkListOf, checkPartsOf, checkRecord } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { ReformaxError } from "../../core/errors.ts";
import { orAbsent } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import { requireKey } from "../../random/key.ts";
import { checkConfig } from "../models/check-config.ts";
import { checkParams } from "../models/check-pass.ts";
import type { ReformerConfig } from "../models/config.ts";
import type { ReformerParams } from "../models/params.ts";
import { checkTokens } from "../models/token-vectors.ts";

const decodeKinds = { capacity: "size", rounds: orAbsent("size") } as const;

interface Room {
  readonly capacity: number;
  readonly rounds?: number;
}

/** What prompts are read with. */
export function checkPrompt(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: Room,
  where: string,
): void {
  checkConfig(config, where);
  checkRecord(options, decodeKinds, "options", where);
  checkParams(params, config, where);
  const [, length] = checkTokens(tokens, "tokens", where);
  requireRoom(length, options.capacity, where);
  requireKey(key, where);
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
  readonly layers: readonly { readonly keys: Value; readonly values: Value }[];
  readonly rotations: readonly (Value | null)[];
}

/** Throws unless this is a cache of some model. @returns its sequences */
export function checkCache(cache: Cached, what: string, where: string): number {
  const kinds = { position: "array", layers: "list", rotations: "list" } as const;
  checkPartsOf<Cached>(cache, kinds, what, where);
  const [batch] = checkArray(cache.position, "i32", ["B"], `${what}.position`, where).shape;
  cache.layers.forEach((layer, i) => {
    const path = `${what}.layers.${i}`;
    const { keys, values } = checkPartsOf(layer, { keys: "array", values: "array" }, path, where);
    checkArray(keys, "f32", ["heads", batch, "C", "d"], `${path}.keys`, where);
    checkArray(values, "f32", ["heads", batch, "C", "e"], `${path}.values`, where);
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
  checkConfig(config, where);
  checkParams(params, config, where);
  const batch = checkCache(cache, "cache", where);
  checkListOf(cache.layers, config.layers.length, "cache.layers", where);
  checkListOf(cache.rotations, config.layers.length, "cache.rotations", where);
  checkArray(token, "i32", [batch], "token", where);
}
