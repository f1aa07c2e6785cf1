import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { sliceInDim } from "../../lax/index.ts";
import { concatenate, reshape } from "../../numpy/index.ts";
import { attendHead, logitScale } from "../attention/attention-head.ts";
import { hasOwnKeys } from "../attention/head-options.ts";
import {
  attentionBlock,
  type AttentionBlockOptions,
  type AttentionContext,
} from "../blocks/attention-block.ts";
import type { BlockContext, Mixed, PartsBlock } from "../blocks/half-block.ts";
import type { BucketLists, HeadCache } from "./cache.ts";
import { rowOfToken } from "./local-window.ts";
import { turnedPrompt, turnedToken } from "./turning.ts";
import { hashNext, hashPrompt, type HashRule } from "./hash-next.ts";

/** An attention half-block of one token or of a prompt: what it keeps of its tokens is what it saves. */
export interface DecodingBlockOptions extends AttentionBlockOptions {
  /** Factors of the number of buckets; empty where nothing is hashed. */
  readonly sizes: readonly number[];
}

/** What `enter` makes of the stream. */
export interface Entered {
  readonly q: Value;
  readonly k: Value | null;
  readonly v: Value;
}

interface Shared {
  readonly position: Value;
  /** 1 where a prompt's token is real, i32[B, L]; null where all are. */
  readonly valid?: Value | null;
}

type Context<Own = AttentionContext> = BlockContext<Own, Shared>;

type Mix<Own> = (entered: Entered, context: Context<Own>) => Mixed;

/** The half-block with another way to mix: norm, projections and sums stay those of the model. */
export function mixing<Own>(
  options: DecodingBlockOptions,
  what: string,
  mix: Mix<Own>,
): PartsBlock {
  const { sizes: _sizes, ...blockOptions } = options;
  const { inSegments: _inSegments, ...block } = attentionBlock(blockOptions);
  return {
    ...block,
    name: `${block.name}.${what}`,
    mix: (_params, entered, context) => mix(entered as Entered, context as Context<Own>),
  };
}

/** How a head hashes; null where it does not. */
export const ruleOf = (
  { sizes, centred = false }: DecodingBlockOptions,
  { rotations }: Pick<AttentionContext, "rotations">,
): HashRule | null => rotations && { rotations, sizes, centred };

/** What a token's own head context is: everything visible, nothing dropped. */
const plainContext = { valid: null, dropoutKey: null, rotations: null } as const;

/** What a prompt leaves, by head: f32[B, L, d], f32[B, L, e], i32[B, rounds, L], f32[B, d]. */
export interface PromptRows {
  readonly keys: Value;
  readonly values: Value;
  readonly buckets: Value | null;
  readonly sums: Value | null;
}

/** Reads a prompt: attention of the whole, and what is kept of it. */
export const promptBlock = (options: DecodingBlockOptions): PartsBlock =>
  mixing<AttentionContext>(options, "prompt", (entered, { own }) => {
    const rule = ruleOf(options, own);
    // What is hashed knows no positions.
    const { buckets, sums } = rule ? hashPrompt(entered.q, rule) : { buckets: null, sums: null };
    const vectors = turnedPrompt(entered, options.rotaryBase);
    const { out } = attendHead(vectors, options, { ...plainContext, buckets }, null);
    const saved: PromptRows = { keys: vectors.k ?? vectors.q, values: vectors.v, buckets, sums };
    return { out, saved };
  });

/** What a head keeps of the tokens before: the slice of {@link HeadCache} that is its own. */
interface CachedContext extends AttentionContext {
  readonly cache: HeadCache;
}

/** What one token adds, by head: f32[B, d], f32[B, e], i32[B, rounds], f32[B, d]. */
export const rowOf = ({ q, k, v }: Entered, bucket: Value | null, sums: Value | null) => ({
  key: oneToken(k ?? q),
  value: oneToken(v),
  bucket: bucket && oneToken(bucket),
  sums,
});

/** x[B, 1, w], or x[B, w, 1], as [B, w]. */
const oneToken = (x: Value): Value => reshape(x, [x.shape[0], x.shape[1] * x.shape[2]]);

/** Attends for one more token by what is kept of those before. */
export const tokenBlock = (options: DecodingBlockOptions): PartsBlock =>
  mixing<CachedContext>(options, "token", (entered, { own, shared: { position } }) => {
    const { cache } = own;
    const rule = ruleOf(options, own);
    const hashed = rule && hashNext(entered.q, rule, cache.sums, position);
    const vectors = turnedToken(entered, options.rotaryBase, position);
    const saved = rowOf(vectors, hashed?.buckets ?? null, hashed?.sums ?? null);
    const lists = cache.lists && saved.bucket && { ...cache.lists, bucket: saved.bucket };
    const out = attendOne(options, vectors, cache, lists, position);
    return { out, saved };
  });

function attendOne(
  options: DecodingBlockOptions,
  { q, k, v }: Entered,
  { keys, values }: HeadCache,
  lists: (BucketLists & { readonly bucket: Value }) | null,
  position: Value,
): Value {
  const { kind, chunkLength, before, after, conventions, wholeUpTo = chunkLength } = options;
  const own = hasOwnKeys(options);
  const vectors = [q, ...(own && k ? [k] : []), v].map(oneToken);
  const sorted = lists !== null;
  const operands = [
    ...vectors,
    keys,
    values,
    rowOfToken(position, options),
    ...(lists ? [lists.bucket, lists.links, lists.ends] : []),
  ];
  const [out] = ops.bindNamed("attendToken", operands, {
    chunkLength,
    before,
    after,
    whole: kind === "full" ? keys.shape[1] : wholeUpTo,
    sameBucket: sorted && conventions.sameBucket,
    duplicates: sorted && conventions.duplicates && lists.bucket.shape[1] > 1,
    circular: conventions.circular,
    selfMask: own ? null : conventions.selfMask,
    scale: logitScale(options, q.shape[2]),
    unitKeys: own ? null : conventions.keyEpsilon,
  });
  return reshape(out, [out.shape[0], 1, out.shape[1]]);
}

/** What the definition keeps: the vectors of all tokens so far, by head f32[B, t, d], and their buckets. */
interface RememberedContext extends AttentionContext {
  readonly past: PromptRows;
}

/** The definition of decoding: the last row of attention over all tokens so far, sorted and chunked as at their number. */
export const definingBlock = (options: DecodingBlockOptions): PartsBlock =>
  mixing<RememberedContext>(options, "definition", (entered, { own, shared: { position } }) => {
    const { past } = own;
    const rule = ruleOf(options, own);
    const hashed = rule && hashNext(entered.q, rule, past.sums, position);
    const vectors = turnedToken(entered, options.rotaryBase, position);
    const row = rowOf(vectors, hashed?.buckets ?? null, hashed?.sums ?? null);
    const after = (before: Value, next: Value, axis: number): Value =>
      concatenate([before, next], axis);
    const keys = after(past.keys, vectors.k ?? vectors.q, 1);
    const all = {
      // Only the last query's row is looked at.
      q: hasOwnKeys(options) ? after(past.keys, vectors.q, 1) : keys,
      k: hasOwnKeys(options) ? keys : null,
      v: after(past.values, vectors.v, 1),
    };
    const buckets = past.buckets && hashed && after(past.buckets, hashed.buckets, 2);
    // Windows of a single token go on around a ring, whatever those of whole texts do.
    const conventions = { ...options.conventions, beyondRing: undefined };
    const { out } = attendHead(
      all,
      { ...options, conventions },
      { ...plainContext, buckets },
      null,
    );
    const length = out.shape[1];
    return { out: sliceInDim(out, length - 1, length, 1), saved: row };
  });
