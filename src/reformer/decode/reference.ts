import type { Value } from "../../core/value.ts";
import { add, concatenate, reshape } from "../../numpy/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import type { ReformerParams } from "../models/params.ts";
import type { HeadRow } from "./cache.ts";
import { checkPrompt, checkRead } from "./check-decode.ts";
import type { Decoded, DecodeOptions } from "./decode.ts";
import { decoderOf } from "./decoder.ts";
import type { PromptRows } from "./decoding-blocks.ts";
import { readPrompt, readToken } from "./passes.ts";
import { savedUnits, type UnitRows } from "./units.ts";
import type { SourceText } from "./source.ts";

/** What the definition keeps: the vectors of all tokens, those that are forgotten too. */
export interface ReferenceCache {
  readonly position: Value;
  readonly capacity: number;
  readonly streaming: boolean;
  readonly layers: readonly RememberedLayer[];
  readonly rotations: readonly (Value | null)[];
  readonly source?: SourceText;
}

/** Of a layer with recurrent units all that these have read too. */
type RememberedLayer = PromptRows & Partial<Pick<UnitRows, "signals">>;

/**
 * The definition of decoding, slow and plain: `begin` and `next` give what it gives, bit for bit on the CPU. Not for
 * `jit`: the cache grows by a token at a time.
 */
export function beginReference(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: DecodeOptions,
): Decoded<ReferenceCache> {
  const where = "decoding.beginReference";
  checkPrompt(config, params, tokens, key, options, where);
  const { capacity, streaming = false } = options;
  const decoder = decoderOf(config, options, where);
  const { rows, ...read } = readPrompt(decoder, params, tokens, key, options);
  const { logits, health, ...kept } = read;
  const layers = rows.map(({ f, g }) => ({ ...f, ...savedUnits(g, "signals") }));
  return { logits, health, cache: { ...kept, capacity, streaming, layers } };
}

/** One more token by the definition. */
export function nextReference(
  config: ReformerConfig,
  params: ReformerParams,
  cache: ReferenceCache,
  token: Value,
): Decoded<ReferenceCache> {
  const where = "decoding.nextReference";
  checkRead(config, params, cache, token, where);
  const decoder = decoderOf(config, cache, where);
  const own = cache.layers.map(({ signals, ...past }) => ({
    f: { past },
    ...(signals && { g: { signals } }),
  }));
  const { saved, ...read } = readToken(decoder, "definition", params, cache, own, token);
  const layers = cache.layers.map((past, i): RememberedLayer => {
    const { key, value, bucket, sums } = saved[i].f as HeadRow;
    const behind = (before: Value, x: Value, axis: number): Value => {
      const shape = [...x.shape];
      shape.splice(axis, 0, 1);
      return concatenate([before, reshape(x, shape)], axis);
    };
    return {
      ...past,
      keys: behind(past.keys, key, 2),
      values: behind(past.values, value, 2),
      buckets: past.buckets && bucket && behind(past.buckets, bucket, 3),
      sums,
      ...savedUnits(saved[i].g, "signals"),
    };
  });
  return { ...read, cache: { ...cache, position: add(cache.position, 1), layers } };
}
