import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import {
  layoutOf,
  perKey,
  perQuery,
  toSlots,
  toTokens,
  toWindows,
  type Indices,
  type Layout,
} from "./decompose-layout.ts";
import { penalties } from "./decompose-meetings.ts";
import { emptyLse, keepScale } from "./params.ts";
import { type ChunkedAttentionParams, keepThreshold } from "../../ir/attention.ts";

/** Round of each chunk, [N, chunks, m]. */
function roundOfSlots({ groups, chunks, chunk, chunksPerRound }: Layout): Value {
  const shape = [groups, chunks, chunk];
  return ops.div(ops.iota("i32", shape, 1), ops.full(shape, chunksPerRound, "i32"));
}

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
    const valid = params.pairs
      ? ofPairs(indices.valid, query, key)
      : perKey(toWindows(toSlots(indices.valid, indices.order, layout), layout), shape);
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

/** x[N, L, L] by query and key at pairs of tokens i32[N, chunks, m, W]. */
function ofPairs(x: Value, query: Value, key: Value): Value {
  const [groups, length] = x.shape;
  const cell = ops.add(ops.mul(query, ops.fullLike(query, length)), key);
  const flat = ops.gather(
    ops.reshape(x, [groups, length * length]),
    ops.reshape(cell, [groups, cell.shape[1] * cell.shape[2] * cell.shape[3]]),
    1,
  );
  return ops.reshape(flat, cell.shape);
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
