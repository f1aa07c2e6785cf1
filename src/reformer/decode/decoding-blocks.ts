import type { Value } from "../../core/value.ts";
import { broadcastInDim, sliceInDim } from "../../lax/index.ts";
import { concatenate, less, reshape, where } from "../../numpy/index.ts";
import type { HeadOptions } from "../attention/head-options.ts";
import {
  attentionBlock,
  type AttentionBlockOptions,
  type AttentionContext,
  type AttentionParams,
  type HeadParams,
} from "../blocks/attention-block.ts";
import type { BlockContext, Mixed, PartParams, PartsBlock } from "../blocks/half-block.ts";
import { localOptions } from "../blocks/mixed-heads.ts";
import { projectRows, type Projected } from "../blocks/projections.ts";
import { turnedPrompt } from "./turning.ts";
import { hashPrompt, type Hashed, type HashRule } from "./hash-next.ts";

/** An attention half-block of one token or of a prompt: what it keeps of its tokens is what it saves. */
export interface DecodingBlockOptions extends AttentionBlockOptions {
  /** Factors of the number of buckets; empty where nothing is hashed. */
  readonly sizes: readonly number[];
  /** Learned keys and values that all tokens see, as if they stood behind the text. */
  readonly memory: number;
  /** Tokens of the text that are kept, but for local layers. */
  readonly capacity: number;
  /** Whether the text goes on when there are so many: then the first ones are forgotten. */
  readonly streaming: boolean;
}

interface Shared {
  readonly position: Value;
  /** 1 where a prompt's token is real, i32[B, L]; null where all are. */
  readonly valid?: Value | null;
}

type Context<Own = AttentionContext> = BlockContext<Own, Shared>;

type Params = PartParams<HeadParams, AttentionParams["shared"]>;

/** `whole` is how the model itself mixes. */
type Mix<Own> = (
  entered: Projected,
  context: Context<Own>,
  params: Params,
  whole: PartsBlock["mix"],
) => Mixed;

/** The half-block with another way to mix: norm, projections and sums stay those of the model. */
export function mixing<Own>(
  options: DecodingBlockOptions,
  what: string,
  mix: Mix<Own>,
): PartsBlock {
  const { sizes: _s, memory: _m, capacity: _c, streaming: _t, ...blockOptions } = options;
  const { inSegments: _inSegments, ...block } = attentionBlock(blockOptions);
  return {
    ...block,
    name: `${block.name}.${what}`,
    mix: (params, entered, context) =>
      mix(entered as Projected, context as Context<Own>, params as Params, block.mix),
  };
}

/** How a head hashes; null where it does not. */
export const ruleOf = (
  { sizes, centred = false, bestBuckets }: DecodingBlockOptions,
  { rotations }: Pick<AttentionContext, "rotations">,
): HashRule | null => rotations && { rotations, sizes, centred, bestBuckets };

/** Keys, values and buckets by head, f32[B, L, d], f32[B, L, e], i32[B, rounds, L]; buckets are null where nothing is hashed. */
export interface KeptRows {
  readonly keys: Value;
  readonly values: Value;
  readonly buckets: Value | null;
}

/** What a prompt leaves. */
export interface PromptRows extends KeptRows {
  /** Of the queries, f32[B, d]; null where hashing does not centre. */
  readonly sums: Value | null;
  /** The same for all prompts; null where there is none. */
  readonly memory: KeptRows | null;
}

/** Reads a prompt as the model itself does, with the buckets that decoding gives it; and what is kept of it. */
export const promptBlock = (options: DecodingBlockOptions): PartsBlock =>
  mixing<AttentionContext>(options, "prompt", (entered, context, params, whole) => {
    const { own } = context;
    const rule = ruleOf(options, own);
    const rows = memoryOf(params, options, entered.q.shape[0]);
    // What is hashed knows no positions; means run from memory on.
    const { buckets, sums } = rule
      ? hashPrompt(rows ? concatenate([rows.q, entered.q], 1) : entered.q, rule)
      : { buckets: null, sums: null };
    const first = rows ? rows.q.shape[1] : 0;
    const ofText = buckets && sliceInDim(buckets, first, buckets.shape[2], 2);
    const ofMemory = buckets && sliceInDim(buckets, 0, first, 2);
    const memory = rows && { keys: rows.k ?? rows.q, values: rows.v, buckets: ofMemory };
    const all = ofText && ofMemory && rows ? concatenate([ofText, ofMemory], 2) : buckets;
    const given = { ...own, rotations: null, buckets: all };
    const { out } = whole(params, entered, { ...context, own: given }, null);
    const turn = (x: Projected): Projected => turnedPrompt(x, options.rotaryBase);
    const { key, value } = keptOf(options, own, entered, turn);
    const saved: PromptRows = { keys: key, values: value, buckets: ofText, sums, memory };
    return { out, saved };
  });

/** What a layer's memory is to a head; null without one. */
function memoryOf(
  params: Params,
  { memory }: DecodingBlockOptions,
  batch: number,
): Projected | null {
  const rows = params.shared.memory;
  if (memory === 0 || !rows) return null;
  return projectRows(params, broadcastInDim(rows, [batch, ...rows.shape], [1, 2]));
}

/** Whether a head of a layer with local heads is one, bool[]. */
export const isLocal = (
  { localHeads }: DecodingBlockOptions,
  { head }: Pick<AttentionContext, "head">,
): Value | null => (localHeads && head ? less(head, localHeads.heads) : null);

/** The rows that a head keeps: local ones among others have the queries for keys, and turn nothing. */
export function keptOf(
  options: DecodingBlockOptions,
  own: Pick<AttentionContext, "head">,
  entered: Projected,
  turn: (entered: Projected) => Projected,
): { readonly key: Value; readonly value: Value } {
  const { q, k, v } = turn(entered);
  const local = isLocal(options, own);
  const key = k ?? q;
  return { key: local ? where(local, entered.q, key) : key, value: v };
}

/** What one token adds, by head: f32[B, d], f32[B, e], i32[B, rounds], f32[B, d]. */
export const rowOf = (
  { key, value }: { readonly key: Value; readonly value: Value },
  hashed: Hashed | null,
) => ({
  key: oneToken(key),
  value: oneToken(value),
  bucket: hashed && oneToken(hashed.buckets),
  sums: hashed?.sums ?? null,
});

/** x[B, 1, w], or x[B, w, 1], as [B, w]. */
export const oneToken = (x: Value): Value => reshape(x, [x.shape[0], x.shape[1] * x.shape[2]]);

/** How the local heads of a layer attend. */
export function nearbyOptions({ localHeads, ...options }: DecodingBlockOptions): HeadOptions {
  if (!localHeads) throw new TypeError("decoding: no head of this layer is local");
  return localOptions(options, localHeads);
}
