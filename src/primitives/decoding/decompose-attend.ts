import type { Value } from "../../core/value.ts";
import {
  listWords,
  tokenOperands,
  tokenSizes,
  type AttendTokenParams,
  type TokenOperands,
} from "../../ir/decoding.ts";
import * as ops from "../../ir/ops.ts";

/** Which tokens are seen, all of [N, S]: nothing but what `seen` says counts. */
interface SeenTokens {
  readonly tokens: Value;
  readonly seen: Value;
  /** In how many rounds the pair meets, f32; null where that makes no difference. */
  readonly meetings: Value | null;
}

/** attendToken by gathering the rows of the window. */
export function attendByGathers(inputs: readonly Value[], params: AttendTokenParams): Value {
  const operands = tokenOperands(inputs, params);
  const sizes = tokenSizes(
    tokenOperands(
      inputs.map(({ aval }) => aval),
      params,
    ),
  );
  const { capacity, groups, valueWidth } = sizes;
  if (groups * capacity === 0) return ops.full([groups, valueWidth], NaN, "f32");
  const whole = Math.min(params.whole, capacity);
  const isWhole = ops.le(operands.position, ops.fullLike(operands.position, params.whole - 1));
  const lists = [
    ...(whole < capacity ? [where(windowOf(operands, params), ops.not(isWhole))] : []),
    ...(whole > 0 ? [where(firstTokens(operands, whole), isWhole)] : []),
  ];
  return softmaxOver(joinLists(lists), operands, params);
}

/** The tokens where `condition` [N] holds, none elsewhere. */
const where = (list: SeenTokens, condition: Value): SeenTokens => ({
  ...list,
  seen: ops.and(list.seen, ops.broadcastInDim(condition, list.seen.shape, [0])),
});

function joinLists(lists: readonly SeenTokens[]): SeenTokens {
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
const over = (x: Value, shape: readonly number[]): Value =>
  ops.broadcastInDim(
    x,
    shape,
    x.shape.map((_, axis) => axis),
  );

const like = (x: Value, value: number): Value => ops.fullLike(x, value);

/** The first `count` tokens, up to the own. */
function firstTokens({ position }: TokenOperands<Value>, count: number): SeenTokens {
  const tokens = ops.iota("i32", [position.shape[0], count], 1);
  return { tokens, seen: ops.le(tokens, over(position, tokens.shape)), meetings: null };
}

/** The tokens of the window in all rounds. */
function windowOf(operands: TokenOperands<Value>, params: AttendTokenParams): SeenTokens {
  return operands.lists ? sortedWindow(operands, params) : orderedWindow(operands, params);
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

/** Tokens in the order of their positions: slots are tokens. */
function orderedWindow({ position }: TokenOperands<Value>, params: AttendTokenParams): SeenTokens {
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
  const tokens = circular ? ops.select(isRing, wrapped, slots) : slots;
  const seen = ops.and(
    ops.ge(tokens, like(tokens, 0)),
    ops.le(tokens, over(position, tokens.shape)),
  );
  return { tokens, seen, meetings: null };
}

/** Tokens sorted by bucket, anew. */
function sortedWindow(operands: TokenOperands<Value>, params: AttendTokenParams): SeenTokens {
  const { chunkLength, before, circular, sameBucket, selfMask, duplicates } = params;
  const { position, lists } = operands;
  if (!lists) throw new TypeError("attendToken: sorted tokens need lists");
  const { bucket, links, ends } = lists;
  const [groups, rounds, capacity] = links.shape;
  const places = ops.iota("i32", [groups, rounds, capacity], 2);
  const token = ops.broadcastInDim(position, places.shape, [0]);
  const stored = ops.reshape(
    ops.slice(links, [0, 0, 0, listWords.link.bucket], [groups, rounds, capacity, 1]),
    places.shape,
  );
  const none = like(places, ends.shape[3]);
  const upToOwn = ops.select(ops.eq(places, token), over(bucket, places.shape), none);
  const buckets = ops.select(ops.lt(places, token), stored, upToOwn);
  const [order, inverse] = ops.bindNamed("bucketSort", [buckets], {
    numBuckets: ends.shape[3] + 1,
  });
  const perRound = [groups, rounds];
  const clamped = ops.max(ops.min(position, like(position, capacity - 1)), like(position, 0));
  const own = ops.reshape(
    ops.gather(inverse, ops.broadcastInDim(clamped, [...perRound, 1], [0]), 2),
    perRound,
  );
  const ownChunk = ops.div(own, like(own, chunkLength));
  const chunks = ops.broadcastInDim(chunksOf(position, params), perRound, [0]);
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
    ops.le(inRound, ops.broadcastInDim(position, inRound.shape, [0])),
  );
  const safeSlot = ops.max(ops.min(inRound, like(inRound, capacity - 1)), like(inRound, 0));
  const flat = ops.add(ops.scale(seenRound, capacity), safeSlot);
  const tokens = ops.gather(
    ops.reshape(order, [groups, rounds * capacity]),
    ops.reshape(flat, [groups, flat.shape[1] * flat.shape[2]]),
    1,
  );
  const shaped = ops.reshape(tokens, flat.shape);
  const isOwn = ops.eq(shaped, ops.broadcastInDim(position, flat.shape, [0]));
  const others = sameBucket
    ? ops.and(
        ops.eq(seenRound, over(round, flat.shape)),
        ops.eq(ops.gather(buckets, shaped, 2), over(bucket, flat.shape)),
      )
    : exists;
  const allowed = selfMask === null ? others : ops.or(others, isOwn);
  const seen = ops.and(exists, allowed);
  const all = [groups, flat.shape[1] * flat.shape[2]];
  return {
    tokens,
    seen: ops.reshape(seen, all),
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

/** Rows x[N, C, w] of tokens [N, S], with the token's own x[N, w] at its position. */
function rowsOf(x: Value, own: Value, { tokens }: SeenTokens, isOwn: Value): Value {
  const safe = ops.max(ops.min(tokens, like(tokens, x.shape[1] - 1)), like(tokens, 0));
  const stored = ops.gather(x, safe, 1);
  return ops.select(
    over(isOwn, stored.shape),
    ops.broadcastInDim(own, stored.shape, [0, 2]),
    stored,
  );
}

/** Below every logit: its exponential is 0 beside any other. */
const excluded = -3e38;

function softmaxOver(
  list: SeenTokens,
  { q, key, value, keys, values, position }: TokenOperands<Value>,
  { scale, selfMask, unitKeys }: AttendTokenParams,
): Value {
  const { tokens, seen, meetings } = list;
  const isOwn = ops.eq(tokens, over(position, tokens.shape));
  const seenKeys = rowsOf(keys, key, list, isOwn);
  const products = ops.reduceSum(
    ops.mul(seenKeys, ops.broadcastInDim(q, seenKeys.shape, [0, 2])),
    [2],
  );
  const scaled = ops.scale(
    unitKeys === null ? products : ops.mul(products, inverseLengths(seenKeys, unitKeys)),
    scale,
  );
  const weighed = meetings === null ? scaled : ops.sub(scaled, ops.log(meetings));
  const logits = selfMask === null ? weighed : ops.select(isOwn, like(weighed, selfMask), weighed);
  const masked = ops.select(seen, logits, like(logits, excluded));
  const peak = ops.stopGradient(ops.reduceMax(masked, [1]));
  const shifted = ops.exp(ops.sub(masked, over(peak, masked.shape)));
  const weights = ops.select(seen, shifted, ops.zerosLike(shifted));
  const seenValues = rowsOf(values, value, list, isOwn);
  const sums = ops.reduceSum(ops.mul(seenValues, over(weights, seenValues.shape)), [1]);
  const total = over(ops.reduceSum(weights, [1]), sums.shape);
  const out = ops.div(sums, total);
  const fits = ops.and(
    ops.ge(position, like(position, 0)),
    ops.lt(position, like(position, keys.shape[1])),
  );
  return ops.select(over(fits, out.shape), out, like(out, NaN));
}

/** 1 / (sqrt(mean(k^2) + epsilon) sqrt(d)) for k[N, S, d]: f32[N, S]. */
function inverseLengths(k: Value, epsilon: number): Value {
  const squares = ops.reduceSum(ops.mul(k, k), [2]);
  const shifted = ops.add(squares, like(squares, k.shape[2] * epsilon));
  return ops.div(like(shifted, 1), ops.sqrt(shifted));
}
