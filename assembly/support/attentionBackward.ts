/**
 * The derivative of attention: weights are computed again from the log partition functions, block by block, and never stored
 * whole (Dao et al. 2022, "FlashAttention", algorithm 4, without its online part). See docs/design/kernels.md.
 */
import { backwardKeys, backwardQueries } from "../generated/constants";
import { expLanes, logLanes } from "../generated/scalar-functions";
import { BackwardSpace, backwardSpace } from "./attentionBackwardSpace";
import { AttentionFrame } from "./attentionFrame";
import { CAUSAL, DROPOUT, SELF_MASK, UNIT_KEYS } from "../generated/constants";
import { readKeys, readQueries, roundStart, windowEnd, windowStart } from "./attentionIndices";
import { dropoutMultipliers, dropoutScale, findSeenKeys, maskLogits } from "./attentionLogits";
import { blockedTile } from "./blockedTile";
import { fillRun } from "./copy";
import { gatherColumns, gatherLanes, scatterRows } from "./gatherPanels";
import { EightLanes, FourLanes } from "./pack";
import { rowDot } from "./rowSums";
import { at } from "./words";

/** Words of the frame that are free for the eight words that dropout throws away. */
// @ts-ignore: decorator
@inline
const spareWords: i32 = 32;
/** Adds what the queries of a chunk of the frame's group and round contribute. */
export function differentiateChunk(frame: AttentionFrame, chunk: i32): void {
  const sizes = frame.sizes;
  const space = backwardSpace(frame);
  const dq = at(space.dq, frame.group * sizes.length * sizes.d);
  frame.chunk = chunk;
  for (let first = 0; first < sizes.m; first += backwardQueries) {
    readQueries(frame, first, min(backwardQueries, sizes.m - first));
    packQueries(frame, space);
    differentiateWindow(frame, space);
    scatterRows(dq, frame.queryTokens, space.dQueries, space.d8, frame.queries, sizes.d);
  }
}

/** A block of queries, its cotangents, and what its weights are computed from. */
function packQueries(frame: AttentionFrame, space: BackwardSpace): void {
  const sizes = frame.sizes;
  const tokens = frame.queryTokens;
  const start = space.joint ? frame.group * sizes.length : roundStart(frame, frame.round);
  const q = at(frame.buffers.q, frame.group * sizes.length * sizes.d);
  const dOut = at(space.dOut, start * sizes.e);
  gatherLanes<EightLanes>(space.queryLanes, q, tokens, frame.paddedQueries, sizes.d);
  gatherColumns(space.queryColumns, q, tokens, frame.queries, sizes.d);
  gatherLanes<EightLanes>(space.outLanes, dOut, tokens, frame.paddedQueries, sizes.e);
  gatherColumns(space.outColumns, dOut, tokens, frame.queries, sizes.e);
  fillRun(space.dQueries, 0, frame.paddedQueries * space.d8);
  for (let i = 0; i < frame.paddedQueries; i++) {
    const token = load<i32>(at(tokens, i));
    const row = start + token;
    const weighted = rowDot(at(dOut, token * sizes.e), at(space.out, row * sizes.e), sizes.e);
    store<f32>(at(space.deltas, i), space.dLse ? weighted - load<f32>(at(space.dLse, row)) : weighted);
    storeNormalizer(frame, space, i, load<f32>(at(space.lse, row)));
  }
}

/**
 * A query that has nothing but itself has lse = selfBits + log(copies), and at -1e5 an f32 has two digits behind
 * the point: the number of copies is recovered from it instead. Elsewhere lse is good to 1e-7 of the logits.
 */
function storeNormalizer(frame: AttentionFrame, space: BackwardSpace, query: i32, lse: f32): void {
  const self = frame.sizes.self;
  const alone = (frame.sizes.flags & SELF_MASK) != 0 && self < -1000 && lse <= self + 16;
  let rest: f32 = 0;
  if (alone) {
    const copies = f32x4.nearest(expLanes(f32x4.splat(lse - self)));
    rest = f32x4.extract_lane(logLanes(f32x4.max(copies, f32x4.splat(1))), 0);
  }
  store<f32>(at(space.shifts, query), alone ? self : lse);
  store<f32>(at(space.rests, query), rest);
}

/** A block of queries against its whole window; adds to dk and dv, and to the block's dQueries. */
function differentiateWindow(frame: AttentionFrame, space: BackwardSpace): void {
  const sizes = frame.sizes;
  const dk = at(space.dk, frame.group * sizes.length * sizes.d);
  const dv = at(space.dv, frame.group * sizes.length * sizes.e);
  const k = at(frame.buffers.k, frame.group * sizes.length * sizes.d);
  const v = at(frame.buffers.v, frame.group * sizes.length * sizes.e);
  const end = windowEnd(frame);
  for (let first = windowStart(frame); first < end; first += backwardKeys) {
    readKeys(frame, first, min(backwardKeys, end - first));
    if ((sizes.flags & CAUSAL) != 0 && frame.lowestKey > frame.highestQuery) continue;
    gatherLanes<FourLanes>(space.keyLanes, k, frame.keyRows, frame.paddedKeys, sizes.d);
    gatherLanes<FourLanes>(space.valueLanes, v, frame.keyRows, frame.paddedKeys, sizes.e);
    gatherColumns(space.keyColumns, k, frame.keyRows, frame.keys, sizes.d);
    fillRun(space.seenBy, 0, frame.paddedKeys >> 1);
    for (let query = 0; query < frame.queries; query += 8) differentiateTile(frame, space, query);
    multiplyByRows(frame, space, space.weightRows, space.outColumns, space.dValues, space.e8);
    multiplyByRows(frame, space, space.dScoreRows, space.queryColumns, space.dKeys, space.d8);
    if (sizes.flags & UNIT_KEYS) throughUnitKeys(frame, space, k);
    scatterRows(dv, frame.keyRows, space.dValues, space.e8, frame.keys, sizes.e);
    scatterRows(dk, frame.keyRows, space.dKeys, space.d8, frame.keys, sizes.d);
  }
}

/**
 * From the cotangent x of u k, where u is 1 / the length of k, to that of k: u stands in x already, and its own
 * derivative takes away what points along k, u^2 (x . k) k.
 */
function throughUnitKeys(frame: AttentionFrame, space: BackwardSpace, k: usize): void {
  const d = frame.sizes.d;
  for (let i = 0; i < frame.keys; i++) {
    const key = at(k, load<i32>(at(frame.keyRows, i)) * d);
    const row = at(space.dKeys, i * space.d8);
    const unit = load<f32>(at(frame.keyUnits, i));
    const along = unit * unit * rowDot(row, key, d);
    for (let column = 0; column < d; column++) {
      const word = at(row, column);
      store<f32>(word, load<f32>(word) - along * load<f32>(at(key, column)));
    }
  }
}

/** Eight queries and one block of keys: their weights, the cotangents of their dot products, and what these add to dQueries. */
function differentiateTile(frame: AttentionFrame, space: BackwardSpace, query: i32): void {
  const isSeen = findSeenKeys(frame, query);
  notePanels(frame, space, query, isSeen);
  if (!isSeen) return;
  const d = frame.sizes.d;
  const e = frame.sizes.e;
  const first = frame.firstKey;
  const queries = at(space.queryLanes, query * d);
  const outs = at(space.outLanes, query * e);
  for (let key = first; key < frame.endKey; key += 4) {
    blockedTile(d, at(space.keyLanes, key * d), 16, queries, 32, at(space.scores, key * 8), 32, false);
    blockedTile(e, at(space.valueLanes, key * e), 16, outs, 32, at(space.dWeights, key * 8), 32, false);
  }
  // The multipliers' place takes the maxima, which are not needed.
  maskLogits(frame, space.scores, query, space.multipliers);
  const dropout = (frame.sizes.flags & DROPOUT) != 0;
  if (dropout) {
    const scale = f32x4.splat(dropoutScale(frame));
    const spare = at(changetype<usize>(frame), spareWords);
    for (let key = first; key < frame.endKey; key++) {
      dropoutMultipliers(frame, key, query, scale, at(space.multipliers, key * 8), spare);
    }
  }
  for (let key = first; key < frame.endKey; key += 4) {
    differentiateSquare(frame, space, key, query, 0, dropout);
    differentiateSquare(frame, space, key, query, 4, dropout);
  }
  const d8 = space.d8;
  const step = (<usize>d8) << 2;
  const count = min(frame.endKey, frame.keys) - first;
  const scores = at(space.scores, first * 8);
  for (let column = 0; column < d8; column += 8) {
    const keys = at(space.keyColumns, column * frame.keys + first * 8);
    const out = at(space.dQueries, query * d8 + column);
    blockedTile(count, scores, 32, keys, 32, out, step, true);
    blockedTile(count, at(scores, 4), 32, keys, 32, at(out, 4 * d8), step, true);
  }
}

/** Notes which panels of keys the tile sees: the rows of the others are zeros, in case other tiles on both sides see them. */
function notePanels(frame: AttentionFrame, space: BackwardSpace, query: i32, isSeen: bool): void {
  for (let key = 0; key < frame.paddedKeys; key += 4) {
    if (isSeen && key >= frame.firstKey && key < frame.endKey) {
      const seen = at(space.seenBy, key >> 1);
      if (load<i32>(seen, 4) == 0) store<i32>(seen, query);
      store<i32>(seen, query + 8, 4);
    } else {
      const rows = key * frame.queryRoom + query * 4;
      fillRun(at(space.weightRows, rows), 0, 32);
      fillRun(at(space.dScoreRows, rows), 0, 32);
    }
  }
}

/** Four keys and the four queries from `query + lane` on: logits become cotangents of the dot products, and rows by key are stored. */
function differentiateSquare(
  frame: AttentionFrame, space: BackwardSpace, key: i32, query: i32, lane: i32, dropout: bool,
): void {
  const offset = key * 8 + lane;
  const scores = at(space.scores, offset);
  const dWeights = at(space.dWeights, offset);
  const shift = v128.load(at(space.shifts, query + lane));
  const rest = v128.load(at(space.rests, query + lane));
  let w0 = expLanes(f32x4.sub(f32x4.sub(v128.load(scores), shift), rest));
  let w1 = expLanes(f32x4.sub(f32x4.sub(v128.load(scores, 32), shift), rest));
  let w2 = expLanes(f32x4.sub(f32x4.sub(v128.load(scores, 64), shift), rest));
  let w3 = expLanes(f32x4.sub(f32x4.sub(v128.load(scores, 96), shift), rest));
  let c0 = v128.load(dWeights);
  let c1 = v128.load(dWeights, 32);
  let c2 = v128.load(dWeights, 64);
  let c3 = v128.load(dWeights, 96);
  const delta = v128.load(at(space.deltas, query + lane));
  const rows = key * frame.queryRoom + (query + lane) * 4;
  if (dropout) {
    const multipliers = at(space.multipliers, offset);
    const m0 = v128.load(multipliers);
    const m1 = v128.load(multipliers, 32);
    const m2 = v128.load(multipliers, 64);
    const m3 = v128.load(multipliers, 96);
    storeTransposed(
      at(space.weightRows, rows), f32x4.mul(w0, m0), f32x4.mul(w1, m1), f32x4.mul(w2, m2), f32x4.mul(w3, m3),
    );
    c0 = f32x4.mul(c0, m0);
    c1 = f32x4.mul(c1, m1);
    c2 = f32x4.mul(c2, m2);
    c3 = f32x4.mul(c3, m3);
  } else {
    storeTransposed(at(space.weightRows, rows), w0, w1, w2, w3);
  }
  w0 = f32x4.mul(w0, f32x4.sub(c0, delta));
  w1 = f32x4.mul(w1, f32x4.sub(c1, delta));
  w2 = f32x4.mul(w2, f32x4.sub(c2, delta));
  w3 = f32x4.mul(w3, f32x4.sub(c3, delta));
  if (frame.sizes.flags & SELF_MASK) {
    // The logit of a token's own position is a constant.
    const tokens = v128.load(at(frame.queryTokens, query + lane));
    const keys = at(frame.keyTokens, key);
    w0 = v128.andnot(w0, i32x4.eq(tokens, v128.load32_splat(keys)));
    w1 = v128.andnot(w1, i32x4.eq(tokens, v128.load32_splat(keys, 4)));
    w2 = v128.andnot(w2, i32x4.eq(tokens, v128.load32_splat(keys, 8)));
    w3 = v128.andnot(w3, i32x4.eq(tokens, v128.load32_splat(keys, 12)));
  }
  // From cotangents of logits to those of the dot products.
  const factors = at(frame.keyFactors, key);
  w0 = f32x4.mul(w0, v128.load32_splat(factors));
  w1 = f32x4.mul(w1, v128.load32_splat(factors, 4));
  w2 = f32x4.mul(w2, v128.load32_splat(factors, 8));
  w3 = f32x4.mul(w3, v128.load32_splat(factors, 12));
  v128.store(scores, w0);
  v128.store(scores, w1, 32);
  v128.store(scores, w2, 64);
  v128.store(scores, w3, 96);
  storeTransposed(at(space.dScoreRows, rows), w0, w1, w2, w3);
}

// @ts-ignore: decorator
@inline
function storeTransposed(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5));
  v128.store(out, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7), 16);
  v128.store(out, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 32);
  v128.store(out, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 48);
}

/** out[key, c] = sum over queries that see the key's panel of rows[key, query] columns[query, c] for the block of keys. */
function multiplyByRows(frame: AttentionFrame, space: BackwardSpace, rows: usize, columns: usize, out: usize, width: i32): void {
  const step = (<usize>width) << 2;
  for (let key = 0; key < frame.paddedKeys; key += 4) {
    const first = load<i32>(at(space.seenBy, key >> 1));
    const count = min(frame.queries, load<i32>(at(space.seenBy, key >> 1), 4)) - first;
    if (count <= 0) {
      fillRun(at(out, key * width), 0, 4 * width);
      continue;
    }
    const panel = at(rows, key * frame.queryRoom + first * 4);
    for (let column = 0; column < width; column += 8) {
      const from = at(columns, column * frame.queries + first * 8);
      blockedTile(count, panel, 16, from, 32, at(out, key * width + column), step, false);
    }
  }
}
