import type { Value } from "../../core/value.ts";
import { iota, sliceInDim } from "../../lax/index.ts";
import { add, concatenate, equal, where, zerosLike } from "../../numpy/index.ts";
import { cond } from "../../transforms/index.ts";
import { attendHead } from "../attention/attention-head.ts";
import { hasOwnKeys, type HeadOptions } from "../attention/head-options.ts";
import type { AttentionContext } from "../blocks/attention-block.ts";
import type { PartsBlock } from "../blocks/half-block.ts";
import {
  isLocal,
  keptOf,
  mixing,
  nearbyOptions,
  rowOf,
  ruleOf,
  type DecodingBlockOptions,
  type KeptRows,
  type PromptRows,
} from "./decoding-blocks.ts";
import { hashNext } from "./hash-next.ts";
import { turnedToken } from "./turning.ts";

/** What the definition keeps: the vectors of all tokens so far, and their buckets. */
interface RememberedContext extends AttentionContext {
  readonly past: PromptRows;
}

/**
 * The definition of decoding: the last row of attention over all tokens that are kept and memory, sorted and chunked as at their number. Local heads
 * see what they do in the whole text.
 */
export const definingBlock = (options: DecodingBlockOptions): PartsBlock =>
  mixing<RememberedContext>(options, "definition", (entered, { own, shared: { position } }) => {
    const { past } = own;
    const rule = ruleOf(options, own);
    const hashed = rule && hashNext(entered.q, rule, past.sums, add(position, options.memory));
    const turned = turnedToken(entered, options.rotaryBase, position);
    const row = keptOf(options, own, entered, () => turned);
    const keys = concatenate([past.keys, row.key], 1);
    const values = concatenate([past.values, row.value], 1);
    const buckets = past.buckets && hashed && concatenate([past.buckets, hashed.buckets], 2);
    const attend = (): Value => {
      const kept = recent({ keys, values, buckets }, options);
      return lastRow(withMemory(kept, past.memory), turned.q, kept.keys.shape[1], options);
    };
    const nearby = (): Value =>
      lastRow({ keys, values, buckets: null }, entered.q, keys.shape[1], nearbyOptions(options));
    const local = isLocal(options, own);
    return { out: local ? cond(local, nearby, attend) : attend(), saved: rowOf(row, hashed) };
  });

/** The last tokens, as many as are kept. */
function recent(
  { keys, values, buckets }: KeptRows,
  { streaming, kind, capacity }: DecodingBlockOptions,
): KeptRows {
  const length = keys.shape[1];
  if (!streaming || kind === "local" || length <= capacity) return { keys, values, buckets };
  const last = (x: Value, axis: number): Value => sliceInDim(x, length - capacity, length, axis);
  return { keys: last(keys, 1), values: last(values, 1), buckets: buckets && last(buckets, 2) };
}

function withMemory(text: KeptRows, memory: KeptRows | null): KeptRows {
  if (!memory) return text;
  return {
    keys: concatenate([text.keys, memory.keys], 1),
    values: concatenate([text.values, memory.values], 1),
    buckets: text.buckets && memory.buckets && concatenate([text.buckets, memory.buckets], 2),
  };
}

/** What the last of so many tokens of a text sees, the query of which is q f32[B, 1, d]. */
function lastRow(
  { keys, values, buckets }: KeptRows,
  q: Value,
  queries: number,
  options: HeadOptions,
): Value {
  // Windows of a single token go on around a ring, whatever those of whole texts do.
  const conventions = { ...options.conventions, beyondRing: undefined };
  const [batch, , width] = keys.shape;
  // Nobody looks at the other queries' rows, but where queries are keys the kernel reads them as these.
  const isOwn = equal(iota("i32", [batch, keys.shape[1], width], 1), queries - 1);
  const all = hasOwnKeys(options)
    ? { q: where(isOwn, q, zerosLike(keys)), k: keys, v: values }
    : { q: keys, k: null, v: values };
  const { out } = attendHead(
    all,
    { ...options, conventions },
    { ...everything, buckets, queries },
    null,
  );
  return sliceInDim(out, queries - 1, queries, 1);
}

/** Nothing is hidden or dropped. */
const everything = { valid: null, dropoutKey: null, rotations: null } as const;
