import type { Value } from "../../core/value.ts";
import { listWords, type AttendTokenParams, type TokenOperands } from "../../ir/decoding.ts";
import * as ops from "../../ir/ops.ts";

/**
 * Which tokens are seen, all of [N, S]: nothing but what `seen` says counts. Tokens are numbered as they are kept, the oldest first; behind the room
 * for text are those of memory.
 */
export interface SeenTokens {
  readonly tokens: Value;
  readonly seen: Value;
  /** In how many rounds the pair meets, f32; null where that makes no difference. */
  readonly meetings: Value | null;
}

/** What is kept, by group i32[N]. */
export interface Kept {
  /** Rows for text. */
  readonly room: number;
  /** Tokens of the text that are there, the own one included, and its number among them. */
  readonly count: Value;
  readonly own: Value;
  /** Tokens of the text that are forgotten. */
  readonly forgotten: Value;
}

export function keptOf(position: Value, rows: number, { memory, ring }: AttendTokenParams): Kept {
  const room = rows - memory;
  const all = ops.add(position, like(position, 1));
  const count = ring ? ops.min(all, like(all, room)) : all;
  const own = ops.sub(count, like(count, 1));
  return { room, count, own, forgotten: ops.sub(all, count) };
}

/** The rows of tokens [N, S]. */
export function rowsOfTokens(
  tokens: Value,
  { room, forgotten }: Kept,
  { ring }: AttendTokenParams,
): Value {
  if (!ring) return tokens;
  const places = ops.rem(ops.add(tokens, over(forgotten, tokens.shape)), like(tokens, room));
  return ops.select(ops.ge(tokens, like(tokens, room)), tokens, places);
}

/** The tokens where `condition` [N] holds, none elsewhere. */
export const where = (list: SeenTokens, condition: Value): SeenTokens => ({
  ...list,
  seen: ops.and(list.seen, ops.broadcastInDim(condition, list.seen.shape, [0])),
});

export function joinLists(lists: readonly SeenTokens[]): SeenTokens {
  if (lists.length === 1) return lists[0];
  const join = (of: (list: SeenTokens) => Value): Value => ops.concatenate(lists.map(of), 1);
  const counted = lists.some(({ meetings }) => meetings !== null);
  return {
    tokens: join(({ tokens }) => tokens),
    seen: join(({ seen }) => seen),
    meetings: counted
      ? join(({ meetings, tokens }) => meetings ?? ops.full(tokens.shape, 1, "f32"))
      : null,
  };
}

/** x[N] or x[N, R] over the axes behind. */
export const over = (x: Value, shape: readonly number[]): Value =>
  ops.broadcastInDim(
    x,
    shape,
    x.shape.map((_, axis) => axis),
  );

export const like = (x: Value, value: number): Value => ops.fullLike(x, value);

/** The first `count` tokens, up to the own, and memory. */
export function firstTokens(
  { room, own }: Kept,
  count: number,
  { memory, seesMemory }: AttendTokenParams,
): SeenTokens {
  const [groups] = own.shape;
  const text = ops.iota("i32", [groups, count], 1);
  const before = ops.le(text, over(own, text.shape));
  if (!seesMemory) return { tokens: text, seen: before, meetings: null };
  const others = ops.iota("i32", [groups, memory], 1);
  return {
    tokens: ops.concatenate([text, ops.add(others, like(others, room))], 1),
    seen: ops.concatenate([before, ops.full(others.shape, 1, "bool")], 1),
    meetings: null,
  };
}

/** The tokens of the window in all rounds. */
export function windowOf(
  operands: TokenOperands<Value>,
  kept: Kept,
  params: AttendTokenParams,
): SeenTokens {
  return operands.lists
    ? sortedWindow(operands, kept, params)
    : orderedWindow(operands, kept, params);
}

/** Positions of the window around a chunk, [.., W], counted from the start of the round; before it they are negative. */
function windowSlots(chunk: Value, { chunkLength, before, after }: AttendTokenParams): Value {
  const shape = [...chunk.shape, (before + 1 + after) * chunkLength];
  const first = ops.scale(ops.sub(chunk, like(chunk, before)), chunkLength);
  return ops.add(over(first, shape), ops.iota("i32", shape, shape.length - 1));
}

/** x modulo size[N], which is not negative, for x of at least -`turns` sizes. */
function wrap(x: Value, size: Value, turns: number): Value {
  const sizes = over(size, x.shape);
  return ops.rem(ops.add(x, ops.scale(sizes, turns)), sizes);
}

const chunksOf = (position: Value, { chunkLength }: AttendTokenParams): Value =>
  ops.add(ops.div(position, like(position, chunkLength)), like(position, 1));

/** Tokens in the order of their positions in the text: slots are tokens. */
function orderedWindow(
  { position }: TokenOperands<Value>,
  { forgotten }: Kept,
  params: AttendTokenParams,
): SeenTokens {
  const { chunkLength, before, after, circular } = params;
  const chunk = ops.div(position, like(position, chunkLength));
  const slots = windowSlots(chunk, params);
  const chunks = chunksOf(position, params);
  const length = ops.scale(chunks, chunkLength);
  const wrapped = wrap(slots, length, before + 1);
  // A ring that leads into the future only is none.
  const isRing =
    after > 0
      ? ops.full(slots.shape, 1, "bool")
      : over(ops.le(chunks, like(chunks, before)), slots.shape);
  const places = circular ? ops.select(isRing, wrapped, slots) : slots;
  const seen = ops.and(
    ops.ge(places, ops.max(over(forgotten, places.shape), like(places, 0))),
    ops.le(places, over(position, places.shape)),
  );
  return { tokens: ops.sub(places, over(forgotten, places.shape)), seen, meetings: null };
}

/** Tokens sorted by bucket, anew. */
function sortedWindow(
  { lists }: TokenOperands<Value>,
  kept: Kept,
  params: AttendTokenParams,
): SeenTokens {
  const { chunkLength, before, circular, sameBucket, selfMask, duplicates, memory } = params;
  if (!lists) throw new TypeError("attendToken: sorted tokens need lists");
  const { links, ends } = lists;
  const [groups, rounds, capacity] = links.shape;
  // With memory a bucket is two lists.
  const ofLists = (x: Value): Value => (memory > 0 ? ops.div(x, like(x, 2)) : x);
  const bucket = ofLists(lists.bucket);
  const places = ops.iota("i32", [groups, rounds, capacity], 2);
  const token = ops.broadcastInDim(kept.own, places.shape, [0]);
  const column = ops.reshape(
    ops.slice(links, [0, 0, 0, listWords.link.bucket], [groups, rounds, capacity, 1]),
    places.shape,
  );
  const numbers = ops.iota("i32", [groups, capacity], 1);
  const rows = ops.broadcastInDim(rowsOfTokens(numbers, kept, params), places.shape, [0, 2]);
  const stored = ofLists(params.ring ? ops.gather(column, rows, 2) : column);
  const none = like(places, ends.shape[3]);
  const upToOwn = ops.select(ops.eq(places, token), over(bucket, places.shape), none);
  const isKept = ops.or(ops.lt(places, token), ops.ge(places, like(places, kept.room)));
  const buckets = ops.select(isKept, stored, upToOwn);
  const [order, inverse] = ops.bindNamed("bucketSort", [buckets], {
    numBuckets: ends.shape[3] + 1,
  });
  const perRound = [groups, rounds];
  const all = ops.add(kept.own, like(kept.own, memory));
  const clamped = ops.max(ops.min(kept.own, like(kept.own, capacity - 1)), like(kept.own, 0));
  const own = ops.reshape(
    ops.gather(inverse, ops.broadcastInDim(clamped, [...perRound, 1], [0]), 2),
    perRound,
  );
  const ownChunk = ops.div(own, like(own, chunkLength));
  const chunks = ops.broadcastInDim(chunksOf(all, params), perRound, [0]);
  const round = ops.iota("i32", perRound, 1);
  const start = ops.mul(round, chunks);
  // In a ring slots are counted through all rounds.
  const slots = windowSlots(circular ? ops.add(ownChunk, start) : ownChunk, params);
  const roundLength = ops.scale(chunks, chunkLength);
  const ring = circular ? wrap(slots, ops.scale(roundLength, rounds), before + 1) : slots;
  const inRound = circular ? ops.rem(ring, over(roundLength, ring.shape)) : ring;
  const seenRound = circular
    ? ops.div(ring, over(roundLength, ring.shape))
    : over(round, ring.shape);
  const exists = ops.and(
    ops.ge(inRound, like(inRound, 0)),
    ops.le(inRound, ops.broadcastInDim(all, inRound.shape, [0])),
  );
  const safeSlot = ops.max(ops.min(inRound, like(inRound, capacity - 1)), like(inRound, 0));
  const flat = ops.add(ops.scale(seenRound, capacity), safeSlot);
  const tokens = ops.gather(
    ops.reshape(order, [groups, rounds * capacity]),
    ops.reshape(flat, [groups, flat.shape[1] * flat.shape[2]]),
    1,
  );
  const shaped = ops.reshape(tokens, flat.shape);
  const isOwn = ops.eq(shaped, ops.broadcastInDim(kept.own, flat.shape, [0]));
  const others = sameBucket
    ? ops.and(
        ops.eq(seenRound, over(round, flat.shape)),
        ops.eq(ops.gather(buckets, shaped, 2), over(bucket, flat.shape)),
      )
    : exists;
  const allowed = selfMask === null ? others : ops.or(others, isOwn);
  const seen = ops.and(exists, allowed);
  const merged = [groups, flat.shape[1] * flat.shape[2]];
  return {
    tokens,
    seen: ops.reshape(seen, merged),
    meetings: duplicates
      ? countMeetings({ tokens, buckets, inverse, ownChunk, bucket }, params)
      : null,
  };
}

/** In how many rounds each of tokens [N, S] is in the window, and, where that matters, in the bucket; at least 1: f32[N, S]. */
function countMeetings(
  {
    tokens,
    buckets,
    inverse,
    ownChunk,
    bucket,
  }: Readonly<Record<"tokens" | "buckets" | "inverse" | "ownChunk" | "bucket", Value>>,
  { chunkLength, before, after, sameBucket }: AttendTokenParams,
): Value {
  const [groups, rounds] = bucket.shape;
  const everyRound = [groups, rounds, tokens.shape[1]];
  const inRounds = ops.broadcastInDim(tokens, everyRound, [0, 2]);
  const slots = ops.gather(inverse, inRounds, 2);
  const chunk = ops.div(slots, like(slots, chunkLength));
  const distance = ops.sub(chunk, over(ownChunk, everyRound));
  const near = ops.and(
    ops.ge(distance, like(distance, -before)),
    ops.le(distance, like(distance, after)),
  );
  const meets = sameBucket
    ? ops.and(near, ops.eq(ops.gather(buckets, inRounds, 2), over(bucket, everyRound)))
    : near;
  const count = ops.reduceSum(ops.convert(meets, "f32"), [1]);
  return ops.max(count, like(count, 1));
}
