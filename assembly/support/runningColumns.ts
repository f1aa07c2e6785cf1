/** Running sums of up to 16 adjacent columns: a line of the cache, read once. */
import { loadTail, storeLanes } from "./reduction";
import { branchRows, EXCLUSIVE, FAN, NODE, TOTALS } from "./runningModes";
import { at } from "./words";

// @ts-ignore: decorator
@inline
export const COLUMNS: i32 = 16;
/** A node's frame: what comes before it, and what its branches come to so far. The next node's frame is behind it. */
// @ts-ignore: decorator
@inline
export const frameWords: i32 = 32;

/** Sums from `base` (from zero, if it is 0); what they come to without it goes to `total` in its mode. */
export function sumColumns<T extends number>(
  mode: i32, input: usize, out: usize, rows: i32, step: i32, columns: i32, base: usize, total: usize, frame: usize,
): void {
  const zero = i32x4.splat(0);
  for (let column = 0; column < COLUMNS; column += 4) {
    const count = base == 0 ? 0 : min(4, columns - column);
    const from = at(base, column);
    v128.store(at(frame, column), count == 4 ? v128.load(from) : count > 0 ? loadTail(from, count, zero) : zero);
  }
  sumNode<T>(mode, input, out, rows, step, columns, frame);
  if (mode != TOTALS) return;
  for (let column = 0; column < columns; column += 4) {
    storeLanes(at(total, column), v128.load(at(frame, column), 64), min(4, columns - column));
  }
}

/** Sums of a node, from its frame's base; its total is left in the frame. */
function sumNode<T extends number>(
  mode: i32, input: usize, out: usize, rows: i32, step: i32, columns: i32, frame: usize,
): void {
  if (rows <= NODE) {
    if (columns == COLUMNS && mode < EXCLUSIVE) return leavesWide<T>(input, out, rows, step, frame);
    for (let column = 0; column < columns; column += 4) {
      leavesOfStrip<T>(mode, at(input, column), at(out, column), rows, step, min(4, columns - column), at(frame, column));
    }
    return;
  }
  const branch = branchRows(rows);
  const below = at(frame, frameWords);
  for (let column = 0; column < COLUMNS; column += 4) v128.store(at(frame, column), i32x4.splat(0), 64);
  for (let row = 0; row < rows; row += branch) {
    for (let column = 0; column < COLUMNS; column += 4) {
      const here = at(frame, column);
      v128.store(at(below, column), v128.add<T>(v128.load(here), v128.load(here, 64)));
    }
    sumNode<T>(mode, at(input, row * step), at(out, row * step), min(branch, rows - row), step, columns, below);
    for (let column = 0; column < COLUMNS; column += 4) {
      const here = at(frame, column);
      v128.store(here, v128.add<T>(v128.load(here, 64), v128.load(at(below, column), 64)), 64);
    }
  }
}

/** A node of leaves. */
function leavesWide<T extends number>(input: usize, out: usize, rows: i32, step: i32, frame: usize): void {
  const stride = (<usize>step) << 2;
  const zero = i32x4.splat(0);
  let totalA = zero;
  let totalB = zero;
  let totalC = zero;
  let totalD = zero;
  for (let row = 0; row < rows; ) {
    const baseA = v128.add<T>(v128.load(frame), totalA);
    const baseB = v128.add<T>(v128.load(frame, 16), totalB);
    const baseC = v128.add<T>(v128.load(frame, 32), totalC);
    const baseD = v128.add<T>(v128.load(frame, 48), totalD);
    let a = zero;
    let b = zero;
    let c = zero;
    let d = zero;
    for (const end = min(row + FAN, rows); row < end; row++) {
      a = v128.add<T>(a, v128.load(input));
      b = v128.add<T>(b, v128.load(input, 16));
      c = v128.add<T>(c, v128.load(input, 32));
      d = v128.add<T>(d, v128.load(input, 48));
      v128.store(out, v128.add<T>(baseA, a));
      v128.store(out, v128.add<T>(baseB, b), 16);
      v128.store(out, v128.add<T>(baseC, c), 32);
      v128.store(out, v128.add<T>(baseD, d), 48);
      input += stride;
      out += stride;
    }
    totalA = v128.add<T>(totalA, a);
    totalB = v128.add<T>(totalB, b);
    totalC = v128.add<T>(totalC, c);
    totalD = v128.add<T>(totalD, d);
  }
  v128.store(frame, totalA, 64);
  v128.store(frame, totalB, 80);
  v128.store(frame, totalC, 96);
  v128.store(frame, totalD, 112);
}

/** The same for one to four columns, in every mode. */
function leavesOfStrip<T extends number>(
  mode: i32, input: usize, out: usize, rows: i32, step: i32, columns: i32, frame: usize,
): void {
  const stride = (<usize>step) << 2;
  const zero = i32x4.splat(0);
  let total = zero;
  for (let row = 0; row < rows; ) {
    const base = v128.add<T>(v128.load(frame), total);
    let sum = zero;
    for (const end = min(row + FAN, rows); row < end; row++) {
      const next = v128.add<T>(sum, columns == 4 ? v128.load(input) : loadTail(input, columns, zero));
      if (mode != TOTALS) storeLanes(out, v128.add<T>(base, mode == EXCLUSIVE ? sum : next), columns);
      sum = next;
      input += stride;
      out += stride;
    }
    total = v128.add<T>(total, sum);
  }
  v128.store(frame, total, 64);
}
