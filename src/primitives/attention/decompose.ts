import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { emptyLse, keepScale } from "./params.ts";
import { type ChunkedAttentionParams, keepThreshold } from "../../ir/attention.ts";

/** The index operands. */
export interface Indices {
  readonly order: Value;
  readonly inverse: Value;
  readonly buckets: Value;
  readonly valid: Value;
  readonly dropoutKey: Value;
}

/** Sizes in chunks: N groups, G chunks in all rounds, m slots per chunk, W keys per query. */
export interface Layout {
  readonly groups: number;
  readonly rounds: number;
  readonly length: number;
  readonly chunksPerRound: number;
  readonly chunks: number;
  readonly chunk: number;
  readonly offsets: readonly number[];
}

export function layoutOf(
  order: Value,
  { chunkLength, before, after }: ChunkedAttentionParams,
): Layout {
  const [groups, rounds, length] = order.shape;
  const chunksPerRound = length / chunkLength;
  const offsets = Array.from({ length: before + 1 + after }, (_, i) => i - before);
  return {
    groups,
    rounds,
    length,
    chunksPerRound,
    chunks: rounds * chunksPerRound,
    chunk: chunkLength,
    offsets,
  };
}

/** x[N, L, ...] by token as [N, chunks, m, ...] by slot. */
export function toSlots(x: Value, order: Value, layout: Layout): Value {
  const { groups, rounds, length, chunks, chunk } = layout;
  const sorted = ops.gather(x, ops.reshape(order, [groups, rounds * length]), 1);
  return ops.reshape(sorted, [groups, chunks, chunk, ...x.shape.slice(2)]);
}

/** x[N, chunks, m, ...] with the chunks moved so that chunk c holds what chunk c + offset held, around the ring. */
export function rollChunks(x: Value, offset: number, { chunks }: Layout): Value {
  const shift = ((offset % chunks) + chunks) % chunks;
  if (shift === 0) return x;
  const part = (from: number, to: number): Value =>
    ops.slice(
      x,
      x.shape.map((_, axis) => (axis === 1 ? from : 0)),
      x.shape.map((size, axis) => (axis === 1 ? to : size)),
    );
  return ops.concatenate([part(shift, chunks), part(0, shift)], 1);
}

/** Keys of every chunk's window: [N, chunks, m, ...] to [N, chunks, W, ...]. */
export const toWindows = (x: Value, layout: Layout): Value =>
  ops.concatenate(
    layout.offsets.map((offset) => rollChunks(x, offset, layout)),
    2,
  );

/** Round of each chunk, [N, chunks, m]. */
function roundOfSlots({ groups, chunks, chunk, chunksPerRound }: Layout): Value {
  const shape = [groups, chunks, chunk];
  return ops.div(ops.iota("i32", shape, 1), ops.full(shape, chunksPerRound, "i32"));
}

/** Per query along axis 2 and per key along axis 3, spread over all pairs. */
const perQuery = (x: Value, shape: readonly number[]): Value =>
  ops.broadcastInDim(x, shape, [0, 1, 2]);
const perKey = (x: Value, shape: readonly number[]): Value =>
  ops.broadcastInDim(x, shape, [0, 1, 3]);

export interface Pairs {
  /** bool[N, chunks, m, W]: pairs with weight. */
  readonly allowed: Value;
  /** bool: a token with itself, under a self mask. */
  readonly fixed: Value;
  /** Subtracted from logits. */
  readonly penalty: Value | null;
  /** Dropout multipliers of weights. */
  readonly multiplier: Value | null;
}

/** Everything about pairs that does not depend on the vectors. */
export function pairsOf(indices: Indices, params: ChunkedAttentionParams, layout: Layout): Pairs {
  const { groups, chunks, chunk, offsets } = layout;
  const shape = [groups, chunks, chunk, offsets.length * chunk];
  const token = ops.reshape(indices.order, [groups, chunks, chunk]);
  const query = perQuery(token, shape);
  const key = perKey(toWindows(token, layout), shape);
  const slotRound = roundOfSlots(layout);
  const queryRound = perQuery(slotRound, shape);
  const keyRound = perKey(toWindows(slotRound, layout), shape);
  const conditions = [existing(params, layout, shape)];
  if (params.causal) conditions.push(ops.le(key, query));
  if (params.sameBucket) {
    const bucket = slotBuckets(indices, layout);
    conditions.push(ops.eq(queryRound, keyRound));
    conditions.push(ops.eq(perQuery(bucket, shape), perKey(toWindows(bucket, layout), shape)));
  }
  if (params.masked) {
    const valid = perKey(toWindows(toSlots(indices.valid, indices.order, layout), layout), shape);
    conditions.push(ops.ne(valid, ops.zerosLike(valid)));
  }
  const present = conditions[0];
  const permitted = conditions.reduce((a, b) => ops.and(a, b));
  const isSelf = ops.and(present, ops.eq(query, key));
  const fixed = params.selfMask === null ? ops.full(shape, 0, "bool") : isSelf;
  return {
    allowed: ops.or(permitted, fixed),
    fixed,
    penalty: params.duplicates ? penalties(indices, params, layout, shape, fixed) : null,
    multiplier: multipliers(indices, params, shape, { query, key, queryRound, keyRound }),
  };
}

/** Bucket of each slot in its own round, [N, chunks, m]. */
function slotBuckets({ order, buckets }: Indices, { groups, chunks, chunk }: Layout): Value {
  return ops.reshape(ops.gather(buckets, order, 2), [groups, chunks, chunk]);
}

/** Pairs whose key's chunk exists: all on a ring, those of the same round otherwise. */
function existing(
  { circular }: ChunkedAttentionParams,
  layout: Layout,
  shape: readonly number[],
): Value {
  const { chunksPerRound, chunk, offsets } = layout;
  if (circular) return ops.full(shape, 1, "bool");
  const position = ops.rem(ops.iota("i32", shape, 1), ops.full(shape, chunksPerRound, "i32"));
  const window = ops.div(ops.iota("i32", shape, 3), ops.full(shape, chunk, "i32"));
  const target = ops.add(position, ops.add(window, ops.full(shape, offsets[0], "i32")));
  return ops.and(
    ops.ge(target, ops.full(shape, 0, "i32")),
    ops.lt(target, ops.full(shape, chunksPerRound, "i32")),
  );
}

/** log of the number of rounds in which a pair meets; 0 for fixed pairs. */
function penalties(
  indices: Indices,
  params: ChunkedAttentionParams,
  layout: Layout,
  shape: readonly number[],
  fixed: Value,
): Value {
  const { groups, rounds, length, chunk } = layout;
  const offsets = layout.offsets;
  const count = Array.from({ length: rounds }, (_, r) => {
    const ofRound = (x: Value): Value =>
      ops.reshape(ops.slice(x, [0, r, 0], [groups, r + 1, length]), [groups, length]);
    const slots = ofRound(indices.inverse);
    const chunkOf = toSlots(ops.div(slots, ops.fullLike(slots, chunk)), indices.order, layout);
    const distance = ops.sub(perKey(toWindows(chunkOf, layout), shape), perQuery(chunkOf, shape));
    const inWindow = ops.and(
      ops.ge(distance, ops.full(shape, offsets[0], "i32")),
      ops.le(distance, ops.full(shape, offsets[offsets.length - 1], "i32")),
    );
    if (!params.sameBucket) return ops.convert(inWindow, "f32");
    const bucket = toSlots(ofRound(indices.buckets), indices.order, layout);
    const same = ops.eq(perKey(toWindows(bucket, layout), shape), perQuery(bucket, shape));
    return ops.convert(ops.and(inWindow, same), "f32");
  }).reduce((a, b) => ops.add(a, b));
  const atLeastOne = ops.max(count, ops.full(shape, 1, "f32"));
  return ops.select(fixed, ops.full(shape, 0, "f32"), ops.log(atLeastOne));
}

interface PairIndices {
  readonly query: Value;
  readonly key: Value;
  readonly queryRound: Value;
  readonly keyRound: Value;
}

function multipliers(
  { dropoutKey }: Indices,
  { keepProbability }: ChunkedAttentionParams,
  shape: readonly number[],
  { query, key, queryRound, keyRound }: PairIndices,
): Value | null {
  if (keepProbability === null) return null;
  const [groups] = shape;
  const word = (i: number): Value => {
    const column = ops.reshape(ops.slice(dropoutKey, [0, i], [groups, i + 1]), [groups]);
    return ops.broadcastInDim(column, shape, [0]);
  };
  const unsigned = (x: Value): Value => ops.convert(x, "u32");
  const threefry = (operands: readonly Value[]): readonly Value[] =>
    ops.bindNamed("threefry2x32", operands);
  const pairKey = threefry([word(0), word(1), unsigned(queryRound), unsigned(keyRound)]);
  const [bits] = threefry([pairKey[0], pairKey[1], unsigned(query), unsigned(key)]);
  const kept = ops.lt(bits, ops.full(shape, keepThreshold(keepProbability), "u32"));
  return ops.select(
    kept,
    ops.full(shape, keepScale(keepProbability), "f32"),
    ops.full(shape, 0, "f32"),
  );
}

export const batched = {
  lhsBatch: [0, 1],
  rhsBatch: [0, 1],
} as const;

/** Weights f32[N, chunks, m, W] and log partition functions f32[N, chunks, m]. */
export function weightsOf(
  q: Value,
  keys: Value,
  pairs: Pairs,
  { scale, selfMask }: ChunkedAttentionParams,
): { readonly weights: Value; readonly lse: Value } {
  const products = ops.dotGeneral(q, keys, { ...batched, lhsContract: [3], rhsContract: [3] });
  const scaled = ops.scale(products, scale);
  const penalized = pairs.penalty ? ops.sub(scaled, pairs.penalty) : scaled;
  const logits = ops.select(pairs.fixed, ops.fullLike(penalized, selfMask ?? 0), penalized);
  const shape = logits.shape;
  const masked = ops.select(pairs.allowed, logits, ops.full(shape, emptyLse, "f32"));
  const peak = ops.stopGradient(ops.reduceMax(masked, [3]));
  const centred = ops.sub(masked, perQuery(peak, shape));
  const exponentials = ops.select(pairs.allowed, ops.exp(centred), ops.full(shape, 0, "f32"));
  const total = ops.reduceSum(exponentials, [3]);
  const isEmpty = ops.eq(total, ops.zerosLike(total));
  const safeTotal = ops.select(isEmpty, ops.fullLike(total, 1), total);
  return {
    weights: ops.div(exponentials, perQuery(safeTotal, shape)),
    lse: ops.select(isEmpty, ops.fullLike(total, emptyLse), ops.add(peak, ops.log(safeTotal))),
  };
}

/** x[N, chunks, m, ...] by slot as [N, R, L, ...] by token. */
export function toTokens(x: Value, inverse: Value, { groups, rounds, length }: Layout): Value {
  return ops.gather(ops.reshape(x, [groups, rounds, length, ...x.shape.slice(3)]), inverse, 2);
}

/** chunkedAttention in simpler operations; the scores are stored. */
export function decomposeAttention(inputs: readonly Value[], params: object): readonly Value[] {
  const options = params as ChunkedAttentionParams;
  const [q, k, v, order, inverse, buckets, valid, dropoutKey] = inputs;
  const layout = layoutOf(order, options);
  const pairs = pairsOf({ order, inverse, buckets, valid, dropoutKey }, options, layout);
  const keys = toWindows(toSlots(k, order, layout), layout);
  const values = toWindows(toSlots(v, order, layout), layout);
  const { weights, lse } = weightsOf(toSlots(q, order, layout), keys, pairs, options);
  const kept = pairs.multiplier ? ops.mul(weights, pairs.multiplier) : weights;
  const out = ops.dotGeneral(kept, values, { ...batched, lhsContract: [3], rhsContract: [2] });
  return [toTokens(out, inverse, layout), toTokens(lse, inverse, layout)];
}
