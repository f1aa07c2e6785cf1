/**
 * Attention of a block of queries to the keys in its window (Kitaev et al. 2020, section 2), with the online softmax of Milakov and
 * Gimelshein 2018 over blocks of keys: windows of any size need the same workspace. See docs/design/kernels.md for masks
 * and conventions.
 */
import { logLanes, expLanes } from "../generated/scalar-functions";
import { AttentionBuffers, AttentionFrame, AttentionImmediates, indexWords, keyRoom, layOutFrame, queryRoom } from "./attentionFrame";
import { CAUSAL, DROPOUT, frameWords } from "../generated/constants";
import { readKeys, readQueries, windowEnd, windowStart } from "./attentionIndices";
import { dropWeights, EMPTY, exponentiate, findSeenKeys, maskLogits } from "./attentionLogits";
import { blockedTile } from "./blockedTile";
import { copyRun, fillRun } from "./copy";
import { gatherColumns, gatherLanes } from "./gatherPanels";
import { forwardKeys, forwardQueries } from "../generated/constants";
import { EightLanes, FourLanes } from "./pack";
import { at } from "./words";

/** The arrays behind the frame. */
@unmanaged
export class ForwardSpace {
  /** [tile of 8 queries][d][8] */
  queries: usize;
  /** [panel of 4 keys][d][4] */
  keys: usize;
  /** [column panel][key][8] */
  values: usize;
  /** [key][8 queries] */
  scores: usize;
  scratch: usize;
  /** Running maximum and sum of each query. */
  maxima: usize;
  sums: usize;
  /** Unnormalised results [query][e rounded up to 8]. */
  results: usize;
  /** Words per row of results. */
  e8: i32;
}

/** Blocks of queries in a chunk. */
export function queryBlocks(sizes: AttentionImmediates): i32 {
  return (sizes.m + forwardQueries - 1) / forwardQueries;
}

/** The frame of one share, at the start of its part of the workspace. */
export function enterFrame(args: usize, sizes: AttentionImmediates, workspace: usize, part: i32): AttentionFrame {
  const slot = at(workspace, part * slotWords(sizes));
  const frame = changetype<AttentionFrame>(slot);
  frame.buffers = changetype<AttentionBuffers>(args);
  frame.sizes = sizes;
  layOutForward(frame, queryRoom(sizes, forwardQueries), keyRoom(sizes, forwardKeys));
  return frame;
}

/** The frame leaves room for the pointers to the arrays. */
// @ts-ignore: decorator
@inline
export function spaceOf(frame: AttentionFrame): ForwardSpace {
  return changetype<ForwardSpace>(at(changetype<usize>(frame), frameWords - 16));
}

/** Twin of attentionWorkspaceWords in src/backends/wasm/calls/attention-workspace.ts. */
function slotWords(sizes: AttentionImmediates): i32 {
  return forwardWords(sizes, queryRoom(sizes, forwardQueries), keyRoom(sizes, forwardKeys));
}

/** Words of a frame, and of what lies behind it, with room for so many queries and keys. */
export function forwardWords(sizes: AttentionImmediates, queries: i32, keys: i32): i32 {
  const e8 = (sizes.e + 7) & ~7;
  return frameWords + indexWords(sizes, queries, keys) +
    keys * (sizes.d + e8 + 16) + queries * (sizes.d + e8 + 2);
}

/** Divides the words of a frame whose sizes are known; see {@link forwardWords}. */
export function layOutForward(frame: AttentionFrame, queries: i32, keys: i32): void {
  const sizes = frame.sizes;
  const space = spaceOf(frame);
  const e8 = (sizes.e + 7) & ~7;
  space.e8 = e8;
  space.queries = layOutFrame(frame, queries, keys);
  space.keys = at(space.queries, frame.queryRoom * sizes.d);
  space.values = at(space.keys, frame.keyRoom * sizes.d);
  space.scores = at(space.values, frame.keyRoom * e8);
  space.scratch = at(space.scores, frame.keyRoom * 8);
  space.maxima = at(space.scratch, frame.keyRoom * 8);
  space.sums = at(space.maxima, frame.queryRoom);
  space.results = at(space.sums, frame.queryRoom);
}

/** Block number `block` of the queries of the frame's chunk. */
export function readBlock(frame: AttentionFrame, block: i32): void {
  const first = block * forwardQueries;
  readQueries(frame, first, min(forwardQueries, frame.sizes.m - first));
}

/** Nothing has been seen yet. */
export function beginBlock(frame: AttentionFrame): void {
  const space = spaceOf(frame);
  fillRun(space.maxima, reinterpret<i32>(EMPTY), frame.paddedQueries);
  fillRun(space.sums, 0, frame.paddedQueries);
  fillRun(space.results, 0, frame.paddedQueries * space.e8);
}

/** Goes on from running maxima, sums and results by token, `offset` tokens behind the start of the arrays. */
export function resumeBlock(frame: AttentionFrame, offset: i32, maxima: usize, sums: usize, results: usize): void {
  const space = spaceOf(frame);
  const e = frame.sizes.e;
  fillRun(space.results, 0, frame.paddedQueries * space.e8);
  for (let i = 0; i < frame.paddedQueries; i++) {
    const row = offset + load<i32>(at(frame.queryTokens, i));
    store<f32>(at(space.maxima, i), load<f32>(at(maxima, row)));
    store<f32>(at(space.sums, i), load<f32>(at(sums, row)));
    copyRun(at(space.results, i * space.e8), at(results, row * e), e);
  }
}

/** Leaves them there for the next round. */
export function suspendBlock(frame: AttentionFrame, offset: i32, maxima: usize, sums: usize, results: usize): void {
  const space = spaceOf(frame);
  const e = frame.sizes.e;
  for (let i = 0; i < frame.queries; i++) {
    const row = offset + load<i32>(at(frame.queryTokens, i));
    store<f32>(at(maxima, row), load<f32>(at(space.maxima, i)));
    store<f32>(at(sums, row), load<f32>(at(space.sums, i)));
    copyRun(at(results, row * e), at(space.results, i * space.e8), e);
  }
}

/** The block of queries over its whole window. */
export function attendBlock(frame: AttentionFrame): void {
  const space = spaceOf(frame);
  const sizes = frame.sizes;
  const q = at(frame.buffers.q, frame.group * sizes.length * sizes.d);
  const k = at(frame.buffers.k, frame.group * sizes.length * sizes.d);
  const v = at(frame.buffers.v, frame.group * sizes.length * sizes.e);
  gatherLanes<EightLanes>(space.queries, q, frame.queryTokens, frame.paddedQueries, sizes.d);
  const end = windowEnd(frame);
  for (let first = windowStart(frame); first < end; first += forwardKeys) {
    readKeys(frame, first, min(forwardKeys, end - first));
    // A block of keys that all come later than all queries adds exact zeros.
    if ((sizes.flags & CAUSAL) != 0 && frame.lowestKey > frame.highestQuery) continue;
    gatherLanes<FourLanes>(space.keys, k, frame.keyRows, frame.paddedKeys, sizes.d);
    gatherColumns(space.values, v, frame.keyRows, frame.keys, sizes.e);
    for (let query = 0; query < frame.queries; query += 8) attendTile(frame, space, query);
  }
}

/** Eight queries and one block of keys. */
export function attendTile(frame: AttentionFrame, space: ForwardSpace, query: i32): void {
  if (!findSeenKeys(frame, query)) return;
  const d = frame.sizes.d;
  const e8 = space.e8;
  const first = frame.firstKey;
  const tile = at(space.queries, query * d);
  for (let key = first; key < frame.endKey; key += 4) {
    blockedTile(d, at(space.keys, key * d), 16, tile, 32, at(space.scores, key * 8), 32, false);
  }
  maskLogits(frame, space.scores, query, space.scratch);
  raiseMaxima(space, query);
  exponentiate(frame, space.scores, at(space.maxima, query), space.scratch);
  for (let lane = query; lane < query + 8; lane += 4) {
    const sums = at(space.sums, lane);
    v128.store(sums, f32x4.add(v128.load(sums), v128.load(at(space.scratch, lane - query))));
  }
  if (frame.sizes.flags & DROPOUT) dropWeights(frame, space.scores, query, space.scratch);
  const step = (<usize>e8) << 2;
  const count = min(frame.endKey, frame.keys) - first;
  const weights = at(space.scores, first * 8);
  for (let column = 0; column < e8; column += 8) {
    const values = at(space.values, column * frame.keys + first * 8);
    const out = at(space.results, query * e8 + column);
    blockedTile(count, weights, 32, values, 32, out, step, true);
    blockedTile(count, at(weights, 4), 32, values, 32, at(out, 4 * e8), step, true);
  }
}

/** Takes the maxima of the new block (in scratch) into account: sums and results are scaled to the new maximum. */
function raiseMaxima(space: ForwardSpace, query: i32): void {
  for (let lane = 0; lane < 8; lane += 4) {
    const maxima = at(space.maxima, query + lane);
    const previous = v128.load(maxima);
    const highest = f32x4.pmax(previous, v128.load(at(space.scratch, lane)));
    if (!v128.any_true(f32x4.ne(previous, highest))) continue;
    v128.store(maxima, highest);
    const factors = expLanes(f32x4.sub(previous, highest));
    const sums = at(space.sums, query + lane);
    // Nothing to scale before the first block.
    if (!v128.any_true(f32x4.ne(v128.load(sums), f32x4.splat(0)))) continue;
    v128.store(sums, f32x4.mul(v128.load(sums), factors));
    v128.store(at(space.scratch, 8), factors);
    for (let i = 0; i < 4; i++) {
      scaleRow(
        at(space.results, (query + lane + i) * space.e8), space.e8, load<f32>(at(space.scratch, 8 + i)),
        at(space.results, (query + lane + i) * space.e8),
      );
    }
  }
}

function scaleRow(from: usize, count: i32, factor: f32, out: usize): void {
  const factors = f32x4.splat(factor);
  let i = 0;
  for (; i <= count - 4; i += 4) v128.store(at(out, i), f32x4.mul(v128.load(at(from, i)), factors));
  for (; i < count; i++) store<f32>(at(out, i), load<f32>(at(from, i)) * factor);
}

/** Normalises the results and stores them, and the log partition functions, by token. */
export function finishBlock(frame: AttentionFrame, offset: i32, out: usize, lse: usize): void {
  const space = spaceOf(frame);
  const e = frame.sizes.e;
  for (let i = 0; i < frame.queries; i++) {
    const row = offset + load<i32>(at(frame.queryTokens, i));
    const sum = load<f32>(at(space.sums, i));
    const log = f32x4.extract_lane(logLanes(f32x4.splat(sum)), 0);
    store<f32>(at(lse, row), sum == 0 ? EMPTY : load<f32>(at(space.maxima, i)) + log);
    finishRow(frame, i, at(out, row * e));
  }
}

/** The normalised result of query number `query` of the block. */
export function finishRow(frame: AttentionFrame, query: i32, out: usize): void {
  const space = spaceOf(frame);
  const sum = load<f32>(at(space.sums, query));
  scaleRow(at(space.results, query * space.e8), frame.sizes.e, sum == 0 ? 0 : 1 / sum, out);
}
