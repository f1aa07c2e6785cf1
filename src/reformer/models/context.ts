import { checkRecord, type KindsOf } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { orAbsent } from "../../core/kinds.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim, iota } from "../../lax/index.ts";
import { astype, concatenate, reshape } from "../../numpy/index.ts";
import { foldIn, permutation, split } from "../../random/index.ts";
import { requireKey } from "../../random/key.ts";
import type { AttentionContext, SharedContext } from "../blocks/attention-block.ts";
import { bucketSizes } from "../attention/buckets.ts";
import { checkConfig } from "./check-config.ts";
import { commonLength } from "./common-length.ts";
import type { ReformerConfig } from "./config.ts";
import type { FeedForwardContext } from "../blocks/feed-forward-block.ts";
import { formOf } from "./feed-forward-form.ts";
import { headOptions, type Mode } from "./layers.ts";
import { keptLayers } from "./kept-layers.ts";
import { rotations } from "../attention/lsh.ts";
import { requireLength } from "./token-vectors.ts";

/** What the layers of a model read besides their parameters. */
export interface ReformerContext {
  readonly shared: SharedContext;
  readonly layers: readonly {
    readonly f: AttentionContext;
    readonly g: FeedForwardContext;
  }[];
}

export interface ContextOptions {
  readonly mode: Mode;
  /** Tokens per sequence: the automatic number of buckets depends on it. */
  readonly length: number;
  /** Hash rounds; those of the configuration when absent. */
  readonly rounds?: number;
  readonly valid?: Value | null;
  /** i32[B, L, L], 1 where token i may see token j, beside all other masks. */
  readonly pairs?: Value | null;
  /** Rows of another text that are keys and values of all tokens in every layer but the local ones: f32[B, S, width]. */
  readonly keys?: Value | null;
  /** i32[B, S], 1 where these are real. */
  readonly keysValid?: Value | null;
  /** Sequences of the batch; read where rotations are of every example. */
  readonly batch?: number;
  /** Gives every token another one's bucket: what hashing contributes is lost. */
  readonly shuffleBuckets?: boolean;
}

/**
 * Everything random of one pass through the stack, drawn from `key` u32[2]: hash rotations (per layer and head)
 * and dropout keys. Equal keys give equal passes.
 */
export function stackContext(
  config: ReformerConfig,
  key: Value,
  options: ContextOptions,
): ReformerContext {
  const where = "stackContext";
  checkConfig(config, where);
  requireKey(key, where);
  checkRecord(options, contextKinds, "options", where);
  requireLength(config, options.length, where);
  const { valid } = options;
  if (valid) checkArray(valid, "i32", ["batch", options.length], "options.valid", where);
  return drawContext(config, key, options);
}

const contextKinds: KindsOf<ContextOptions> = {
  mode: ["training", "evaluation"],
  length: "size",
  rounds: orAbsent("size"),
  valid: orAbsent("arrayOrNull"),
  pairs: orAbsent("arrayOrNull"),
  keys: orAbsent("arrayOrNull"),
  keysValid: orAbsent("arrayOrNull"),
  batch: orAbsent("size"),
  shuffleBuckets: orAbsent("flag"),
};

/** {@link stackContext} for callers that have checked what they were given. */
export function drawContext(
  config: ReformerConfig,
  key: Value,
  options: ContextOptions,
): ReformerContext {
  const { valid = null, pairs, keys, keysValid } = options;
  const shared: SharedContext = {
    valid,
    ...(pairs && { pairs }),
    ...(keys && { keys, keysValid: keysValid ?? null }),
  };
  const kept = keptLayers(config, key, options.mode);
  const layers = config.layers.map((_, layer) => {
    const [forHashing, forAttention, forOutput, forFeedForward] = split(foldIn(key, layer), 4);
    const f: AttentionContext = {
      rotations: layerRotations(config, layer, forHashing, options),
      dropoutKey: hasDropout(config.attentionDropout, options)
        ? headKeys(forAttention, config.heads)
        : null,
      outputKey: hasDropout(config.dropout, options) ? repeatKey(forOutput, config.heads) : null,
      bucketShuffle: options.shuffleBuckets
        ? shuffles(forHashing, config.heads, options.length)
        : null,
      ...(hasDropout(config.lsh.hashDropout ?? 0, options) && {
        hashKey: headKeys(foldIn(forHashing, 2), config.heads),
      }),
      ...(namesHeads(config) && { head: iota("i32", config.heads) }),
    };
    const g: FeedForwardContext = {
      dropoutKey: hasDropout(config.dropout, options) ? forFeedForward : null,
      ...(kept && { kept: kept[layer] }),
    };
    const ofParts = kept && broadcastInDim(kept[layer], [config.heads], []);
    return {
      f: ofParts ? { ...f, kept: ofParts } : f,
      // A sum of a single part.
      g: formOf(config, layer) === "recurrent" ? tree.map(asOnlyPart, g) : g,
    };
  });
  return { shared, layers };
}

const asOnlyPart = (x: Value): Value => reshape(x, [1, ...x.shape]);

export const hasDropout = (rate: number, { mode }: Pick<ContextOptions, "mode">): boolean =>
  mode === "training" && rate > 0;

/** Rounds of a pass: as asked for, or as configured for the mode. */
export function roundsOf(
  { lsh }: ReformerConfig,
  { rounds, mode }: Pick<ContextOptions, "rounds" | "mode">,
): number {
  return rounds ?? (mode === "evaluation" ? (lsh.evaluationRounds ?? lsh.rounds) : lsh.rounds);
}

/** Whether heads have to know which they are. */
export const namesHeads = ({ attention = {} }: ReformerConfig): boolean =>
  Boolean(attention.localHeads) || Boolean(attention.outputBias);

/** Keys that an lsh layer sees in a text of `length` tokens: with its memory, and another text's. */
export const keyCount = (
  { attention }: ReformerConfig,
  { length, keys }: Pick<ContextOptions, "length" | "keys">,
): number => length + (attention?.memory ?? 0) + (keys?.shape[1] ?? 0);

/** Buckets of a pass over `length` tokens, of each head and round: of the tokens alone, or with all that stands behind them. */
export function bucketLength(
  config: ReformerConfig,
  length: number,
  keys: Value | null | undefined,
): number {
  const padded = commonLength(config, length);
  const all = keyCount(config, { length: padded, keys });
  return all === padded ? length : all;
}

/** f32[heads, G, width, rounds, half], or null where nothing is hashed. */
function layerRotations(
  config: ReformerConfig,
  layer: number,
  key: Value,
  options: ContextOptions,
): Value | null {
  const { heads, headWidth, lsh } = config;
  const length = keyCount(config, options);
  if (config.layers[layer] !== "lsh" || length <= (lsh.wholeUpTo ?? lsh.chunk)) return null;
  const rounds = roundsOf(config, options);
  const sizes = bucketSizes(headOptions(config, "lsh", options.mode), length);
  const { rotations: whose = "head" } = lsh;
  const examples = whose === "example" ? (options.batch ?? 1) : 1;
  const groups = whose === "shared" ? 1 : heads * examples;
  const drawn = rotations(key, { groups, width: headWidth, rounds, sizes });
  const [, ...rest] = drawn.shape;
  if (whose !== "shared") return reshape(drawn, [heads, examples, ...rest]);
  return broadcastInDim(drawn, [heads, 1, ...rest], [1, 2, 3, 4]);
}

/** i32[heads, length]: a permutation of the tokens for every head. */
function shuffles(key: Value, heads: number, length: number): Value {
  const rows = split(foldIn(key, 1), heads).map((one) =>
    reshape(astype(permutation(one, length), "i32"), [1, length]),
  );
  return concatenate(rows, 0);
}

/** u32[heads, 2]: a key of its own for every head. */
export function headKeys(key: Value, heads: number): Value {
  const keys = split(key, heads).map((one) => reshape(one, [1, 2]));
  return concatenate(keys, 0);
}

export const repeatKey = (key: Value, heads: number): Value => broadcastInDim(key, [heads, 2], [1]);
