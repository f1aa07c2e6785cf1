import type { Value } from "../../../core/value.ts";
import { iota } from "../../../lax/index.ts";
import { equal, expandDims, where } from "../../../numpy/index.ts";
import { bucketCount } from "../../attention/buckets.ts";
import { attendHead } from "../../attention/attention-head.ts";
import type { AttentionContext } from "../../blocks/attention-block.ts";
import type { PartsBlock } from "../../blocks/half-block.ts";
import {
  mixing,
  rowOf,
  ruleOf,
  type DecodingBlockOptions,
  type PromptRows,
} from "../decoding-blocks.ts";
import { hashNext, hashPrompt } from "../hash-next.ts";
import { attendKept } from "./attend.ts";
import { numbered, type LayerRows } from "./cache.ts";
import { seenHashed, seenLocally, seenWhole } from "./seen-keys.ts";

/** Reads a prompt: attention of the whole, padding left out, and what is kept of it. */
export const promptBlock = (options: DecodingBlockOptions): PartsBlock =>
  mixing<AttentionContext>(options, "prompt", (entered, { own, shared: { valid = null } }) => {
    const { q, k, v } = entered;
    const { rotations } = own;
    const plain = { valid, rotations, dropoutKey: null };
    const { out, buckets: used } = attendHead(entered, options, plain, null);
    const rule = ruleOf(options, own);
    // Of a text that was read whole the buckets are needed later.
    const buckets = used ?? (rule && hashPrompt(q, rule).buckets);
    const saved: PromptRows = { keys: k ?? q, values: v, buckets, sums: null, memory: null };
    return { out, saved };
  });

/** What a head reads for one more token. */
export interface TokenContext extends AttentionContext {
  readonly past: LayerRows;
  /** i32[B], what the token's buckets are numbered with; null where nothing is hashed. */
  readonly stride: Value | null;
  /** bool[B], whether the text is long enough to be hashed; null where nothing is. */
  readonly isLong: Value | null;
}

/** Attends for one more token to what is kept of those before, and to itself. */
export const tokenBlock = (options: DecodingBlockOptions): PartsBlock =>
  mixing<TokenContext>(options, "huggingface", (entered, { own, shared: { position } }) => {
    const { past, stride, isLong } = own;
    const { kind, sizes } = options;
    const capacity = past.keys.shape[1];
    const rule = ruleOf(options, own);
    const hashed =
      rule &&
      stride &&
      numbered(hashNext(entered.q, rule, null, position).buckets, 1, expandDims(stride, [1, 2]));
    const saved = rowOf(
      { key: entered.k ?? entered.q, value: entered.v },
      hashed && { buckets: hashed, sums: null },
    );
    const isToken = equal(iota("i32", [1, capacity], 1), expandDims(position, 1));
    const put = (x: Value, one: Value): Value =>
      where(expandDims(isToken, 2), expandDims(one, 1), x);
    const all = { keys: put(past.keys, saved.key), values: put(past.values, saved.value) };
    const whole = seenWhole(position, capacity);
    if (kind === "local") {
      const times = seenLocally(position, capacity, options);
      return { out: attendKept(options, entered.q, all, times, position), saved };
    }
    if (!hashed || !past.buckets || !isLong) {
      return { out: attendKept(options, entered.q, all, whole, position), saved };
    }
    const buckets = where(expandDims(isToken, 1), hashed, past.buckets);
    const [, rounds] = buckets.shape;
    const numbers = rounds * (bucketCount(sizes) + 1);
    const inWindow = seenHashed(position, buckets, numbers, options);
    const times = where(expandDims(isLong, [1, 2]), inWindow, whole);
    return { out: attendKept(options, entered.q, all, times, position), saved };
  });
