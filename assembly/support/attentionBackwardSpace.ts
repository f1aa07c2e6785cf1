/** Workspace of the backward kernels: what lies behind the frame of a part. */
import { backwardKeys, backwardQueries } from "../generated/constants";
import { AttentionBuffers, AttentionFrame, AttentionImmediates, indexWords, keyRoom, layOutFrame, queryRoom } from "./attentionFrame";
import { frameWords } from "../generated/constants";
import { at } from "./words";

/** Words of the frame where the pointers to the arrays are. */
// @ts-ignore: decorator
@inline
const arrayWords: i32 = 40;

/** The arrays behind the frame, and the cotangents' buffers. */
@unmanaged
export class BackwardSpace {
  out: usize;
  lse: usize;
  dOut: usize;
  /** 0 where there is none. */
  dLse: usize;
  /** What is added to; `dk` may be `dq`. */
  dq: usize;
  dk: usize;
  dv: usize;
  /** Results and log partition functions are by token, not by round and token. */
  joint: bool;
  /** Keys and values as lanes, [panel of 4][width][4]; keys also as columns, [column panel][key][8]. */
  keyLanes: usize;
  valueLanes: usize;
  keyColumns: usize;
  /** Queries and cotangents of outputs as lanes, [tile of 8][width][8], and as columns, [column panel][query][8]. */
  queryLanes: usize;
  outLanes: usize;
  queryColumns: usize;
  outColumns: usize;
  /** [key][8 queries]: logits, then their cotangents; cotangents of weights; dropout multipliers. */
  scores: usize;
  dWeights: usize;
  multipliers: usize;
  /** [panel of 4 keys][query][4]: dropped weights, and cotangents of logits. */
  weightRows: usize;
  dScoreRows: usize;
  /** Per panel of keys: first query of the first tile that sees it, and the one behind the last tile's; 0 and 0 if none does. */
  seenBy: usize;
  /** [key][width rounded up to 8] of this block of keys, [query][...] of this block of queries. */
  dKeys: usize;
  dValues: usize;
  dQueries: usize;
  /** exp((logit - shift) - rest) is a query's weight; delta is the mean of its weights' cotangents. */
  shifts: usize;
  rests: usize;
  deltas: usize;
  d8: i32;
  e8: i32;
}

/** The frame of one share, at the start of its part of the workspace; the caller fills in the buffers of its arrays. */
export function enterBackward(args: usize, sizes: AttentionImmediates, workspace: usize, part: i32): AttentionFrame {
  const slot = at(workspace, part * slotWords(sizes));
  const frame = changetype<AttentionFrame>(slot);
  frame.buffers = changetype<AttentionBuffers>(args);
  frame.sizes = sizes;
  frame.round = sizes.round;
  layOutArrays(frame, backwardSpace(frame));
  return frame;
}

// @ts-ignore: decorator
@inline
export function backwardSpace(frame: AttentionFrame): BackwardSpace {
  return changetype<BackwardSpace>(at(changetype<usize>(frame), arrayWords));
}

/** Twin of attentionBackwardWorkspaceWords in src/backends/wasm/calls/attention-workspace.ts. */
function slotWords(sizes: AttentionImmediates): i32 {
  const queries = queryRoom(sizes, backwardQueries);
  const keys = keyRoom(sizes, backwardKeys);
  const d8 = (sizes.d + 7) & ~7;
  const e8 = (sizes.e + 7) & ~7;
  return frameWords + indexWords(sizes, queries, keys) +
    keys * (sizes.d + sizes.e + 2 * d8 + e8 + 25 + 2 * queries) +
    queries * (sizes.d + sizes.e + 2 * d8 + e8 + 3);
}

function layOutArrays(frame: AttentionFrame, space: BackwardSpace): void {
  const d = frame.sizes.d;
  const e = frame.sizes.e;
  const d8 = (d + 7) & ~7;
  const e8 = (e + 7) & ~7;
  space.d8 = d8;
  space.e8 = e8;
  space.keyLanes = layOutFrame(frame, queryRoom(frame.sizes, backwardQueries), keyRoom(frame.sizes, backwardKeys));
  const keys = frame.keyRoom;
  const queries = frame.queryRoom;
  space.valueLanes = at(space.keyLanes, keys * d);
  space.keyColumns = at(space.valueLanes, keys * e);
  space.dKeys = at(space.keyColumns, keys * d8);
  space.dValues = at(space.dKeys, keys * d8);
  space.scores = at(space.dValues, keys * e8);
  space.dWeights = at(space.scores, keys * 8);
  space.multipliers = at(space.dWeights, keys * 8);
  space.weightRows = at(space.multipliers, keys * 8);
  space.dScoreRows = at(space.weightRows, keys * queries);
  space.seenBy = at(space.dScoreRows, keys * queries);
  space.queryLanes = at(space.seenBy, keys);
  space.outLanes = at(space.queryLanes, queries * d);
  space.queryColumns = at(space.outLanes, queries * e);
  space.dQueries = at(space.queryColumns, queries * d8);
  space.outColumns = at(space.dQueries, queries * d8);
  space.shifts = at(space.outColumns, queries * e8);
  space.rests = at(space.shifts, queries);
  space.deltas = at(space.rests, queries);
}
