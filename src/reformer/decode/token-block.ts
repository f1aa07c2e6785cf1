import type { Value } from "../../core/value.ts";
import { alwaysWhole, type AttendTokenParams } from "../../ir/decoding.ts";
import * as ops from "../../ir/ops.ts";
import { add, reshape } from "../../numpy/index.ts";
import { cond } from "../../transforms/index.ts";
import { logitScale } from "../attention/attention-head.ts";
import { hasOwnKeys, type HeadOptions } from "../attention/head-options.ts";
import type { AttentionContext } from "../blocks/attention-block.ts";
import type { PartsBlock } from "../blocks/half-block.ts";
import type { Projected } from "../blocks/projections.ts";
import { listOfText, type BucketLists, type HeadCache } from "./cache.ts";
import {
  isLocal,
  keptOf,
  mixing,
  nearbyOptions,
  oneToken,
  rowOf,
  ruleOf,
  type DecodingBlockOptions,
} from "./decoding-blocks.ts";
import { hashNext } from "./hash-next.ts";
import { rowOfToken } from "./local-window.ts";
import { turnedToken } from "./turning.ts";

/** What a head keeps of the tokens before: the slice of {@link HeadCache} that is its own. */
interface CachedContext extends AttentionContext {
  readonly cache: HeadCache;
}

/** Attends for one more token by what is kept of those before. */
export const tokenBlock = (options: DecodingBlockOptions): PartsBlock =>
  mixing<CachedContext>(options, "token", (entered, { own, shared: { position } }) => {
    const { cache } = own;
    const { memory } = options;
    const rule = ruleOf(options, own);
    const hashed = rule && hashNext(entered.q, rule, cache.sums, add(position, memory));
    const turn = (x: Projected): Projected => turnedToken(x, options.rotaryBase, position);
    const row = rowOf(keptOf(options, own, entered, turn), hashed);
    const bucket = row.bucket && listOfText(row.bucket, memory);
    const lists = cache.lists && bucket && { ...cache.lists, bucket };
    const room = { memory, ring: options.streaming && options.kind !== "local" };
    const attend = (): Value => {
      const seen = { ...room, seesMemory: memory > 0, lists };
      return attendOne(options, turn(entered), cache, rowOfToken(position, options), seen);
    };
    const nearby = (): Value => {
      const seen = { ...room, seesMemory: false, lists: null };
      return attendOne(nearbyOptions(options), { ...entered, k: null }, cache, position, seen);
    };
    const local = isLocal(options, own);
    return { out: local ? cond(local, nearby, attend) : attend(), saved: { ...row, bucket } };
  });

/** What a head sees of what is kept. */
interface Seen extends Pick<AttendTokenParams, "memory" | "seesMemory" | "ring"> {
  readonly lists: (BucketLists & { readonly bucket: Value }) | null;
}

function attendOne(
  options: HeadOptions,
  { q, k, v }: Projected,
  { keys, values }: HeadCache,
  place: Value,
  { lists, ...room }: Seen,
): Value {
  const { kind, chunkLength, before, after, conventions, wholeUpTo = chunkLength } = options;
  const own = hasOwnKeys(options);
  const vectors = [q, ...(own && k ? [k] : []), v].map(oneToken);
  const sorted = lists !== null;
  const operands = [
    ...vectors,
    keys,
    values,
    place,
    ...(lists ? [lists.bucket, lists.links, lists.ends] : []),
  ];
  const [out] = ops.bindNamed("attendToken", operands, {
    chunkLength,
    before,
    after,
    // Where there is room for no more than a whole sequence nothing is hashed.
    whole: sorted || kind === "local" ? wholeUpTo : alwaysWhole,
    sameBucket: sorted && conventions.sameBucket,
    duplicates: sorted && conventions.duplicates && lists.bucket.shape[1] > 1,
    circular: conventions.circular,
    selfMask: own ? null : conventions.selfMask,
    scale: logitScale(options, q.shape[2]),
    unitKeys: own ? null : conventions.keyEpsilon,
    ...room,
  });
  return reshape(out, [out.shape[0], 1, out.shape[1]]);
}
