/**
 * Reductions of one axis. The order of a sum depends on the length of the axis alone:
 *
 * - inner = 1: blocks of 512 elements. In a block lane j of 8 takes the elements j, j + 8, ... in
 *   order, starting from zero; lanes combine as ((0+4)+(2+6)) + ((1+5)+(3+7)). Block results combine
 *   pairwise: n blocks are (the largest power of two below n) and the rest, recursively.
 * - inner > 1: rows in order within blocks of 32, from zero; 32 block results in order make a
 *   super-block; super-blocks are added in order. The order is that of the vector body for every column.
 *
 * Tails are padded with the neutral element, so they do the arithmetic of the vector body.
 */
import { fillRun } from "../support/copy";
import {
  AND, combine, loadTail, MAX_F32, MAX_I32, MAX_U32, MIN_F32, MIN_I32, MIN_U32, neutralBits, OR, PRODUCT_F32,
  PRODUCT_I32, storeLanes, SUM_F32, SUM_I32,
} from "../support/reduction";
import { at, buffer, immediate, shareStart } from "../support/words";

/** Elements of a block of the inner = 1 tree. */
// @ts-ignore: decorator
@inline
const blockLength: i32 = 512;
/** Rows of a block, and blocks of a super-block, for inner > 1. */
// @ts-ignore: decorator
@inline
const blockRows: i32 = 32;
// @ts-ignore: decorator
@inline
const superRows: i32 = 1024;
/** Columns that stay in one share. */
// @ts-ignore: decorator
@inline
const columnGroup: i32 = 16;
/** Columns whose sums one part keeps at a time. */
// @ts-ignore: decorator
@inline
const stripColumns: i32 = 512;

/** More parts than this would not read memory faster. */
// @ts-ignore: decorator
@inline
const areas: i32 = 32;
/** Block and super-block sums of a strip, per part. */
const sumAreas = memory.data(32 * 2 * 512 * 4, 16);

/** Buffers: in, out. Immediates: outer, length, inner, op. */
export function reduce(args: usize, part: i32, parts: i32): void {
  const input = buffer(args, 0);
  const out = buffer(args, 1);
  const outer = immediate(args, 2);
  const length = immediate(args, 3);
  const inner = immediate(args, 4);
  const op = immediate(args, 5);
  const groups = (inner + columnGroup - 1) / columnGroup;
  parts = min(parts, areas);
  if (part >= parts) return;
  const sums = at(sumAreas, part * 2 * stripColumns);
  const unit = shareStart(outer * groups, part, parts);
  const end = shareStart(outer * groups, part + 1, parts);
  if (unit >= end) return;
  switch (op) {
    case SUM_F32: return reduceWith(SUM_F32, input, out, length, inner, groups, unit, end, sums);
    case PRODUCT_F32: return reduceWith(PRODUCT_F32, input, out, length, inner, groups, unit, end, sums);
    case MAX_F32: return reduceWith(MAX_F32, input, out, length, inner, groups, unit, end, sums);
    case MIN_F32: return reduceWith(MIN_F32, input, out, length, inner, groups, unit, end, sums);
    case SUM_I32: return reduceWith(SUM_I32, input, out, length, inner, groups, unit, end, sums);
    case PRODUCT_I32: return reduceWith(PRODUCT_I32, input, out, length, inner, groups, unit, end, sums);
    case MAX_I32: return reduceWith(MAX_I32, input, out, length, inner, groups, unit, end, sums);
    case MIN_I32: return reduceWith(MIN_I32, input, out, length, inner, groups, unit, end, sums);
    case MAX_U32: return reduceWith(MAX_U32, input, out, length, inner, groups, unit, end, sums);
    case MIN_U32: return reduceWith(MIN_U32, input, out, length, inner, groups, unit, end, sums);
    case AND: return reduceWith(AND, input, out, length, inner, groups, unit, end, sums);
    case OR: return reduceWith(OR, input, out, length, inner, groups, unit, end, sums);
    default: unreachable();
  }
}

/** Units are (outer index, group of columns); with inner = 1 they are the rows. */
// @ts-ignore: decorator
@inline
function reduceWith(
  op: i32, input: usize, out: usize, length: i32, inner: i32, groups: i32, unit: i32, end: i32, sums: usize,
): void {
  const neutral = neutralBits(op);
  if (inner == 1) {
    const lanes = i32x4.splat(neutral);
    for (; unit < end; unit++) {
      const row = at(input, unit * length);
      const total = length <= blockLength ? reduceBlock(op, row, length, lanes) : reduceTree(op, row, length, lanes);
      v128.store_lane<u32>(at(out, unit), total, 0);
    }
    return;
  }
  while (unit < end) {
    const index = unit / groups;
    const firstGroup = unit - index * groups;
    const endGroup = min(groups, firstGroup + end - unit);
    const column = firstGroup * columnGroup;
    reduceColumns(
      op, at(input, index * length * inner + column), at(out, index * inner + column),
      length, inner, min(inner, endGroup * columnGroup) - column, neutral, sums,
    );
    unit += endGroup - firstGroup;
  }
}

/** The pairwise tree over blocks; the result is in every lane. */
function reduceTree(op: i32, row: usize, length: i32, neutral: v128): v128 {
  if (length <= blockLength) return reduceAnyBlock(op, row, length, neutral);
  const blocks = (length + blockLength - 1) / blockLength;
  const left = (1 << (31 - clz(blocks - 1))) * blockLength;
  return combineAny(
    op, reduceTree(op, row, left, neutral), reduceTree(op, at(row, left), length - left, neutral),
  );
}

/** {@link reduceBlock} for an op known at run time only. */
function reduceAnyBlock(op: i32, row: usize, length: i32, neutral: v128): v128 {
  switch (op) {
    case SUM_F32: return reduceBlock(SUM_F32, row, length, neutral);
    case PRODUCT_F32: return reduceBlock(PRODUCT_F32, row, length, neutral);
    case MAX_F32: return reduceBlock(MAX_F32, row, length, neutral);
    case MIN_F32: return reduceBlock(MIN_F32, row, length, neutral);
    case SUM_I32: return reduceBlock(SUM_I32, row, length, neutral);
    case PRODUCT_I32: return reduceBlock(PRODUCT_I32, row, length, neutral);
    case MAX_I32: return reduceBlock(MAX_I32, row, length, neutral);
    case MIN_I32: return reduceBlock(MIN_I32, row, length, neutral);
    case MAX_U32: return reduceBlock(MAX_U32, row, length, neutral);
    case MIN_U32: return reduceBlock(MIN_U32, row, length, neutral);
    case AND: return reduceBlock(AND, row, length, neutral);
    default: return reduceBlock(OR, row, length, neutral);
  }
}

function combineAny(op: i32, a: v128, b: v128): v128 {
  return combine(op, a, b);
}

/** At most a block of one row: 8 lanes, combined as a tree; the result is in lane 0. */
// @ts-ignore: decorator
@inline
function reduceBlock(op: i32, row: usize, length: i32, neutral: v128): v128 {
  let low = neutral;
  let high = neutral;
  let i = 0;
  for (; i <= length - 8; i += 8) {
    low = combine(op, low, v128.load(at(row, i)));
    high = combine(op, high, v128.load(at(row, i), 16));
  }
  if (i <= length - 4) {
    low = combine(op, low, v128.load(at(row, i)));
    i += 4;
    if (i < length) high = combine(op, high, loadTail(at(row, i), length - i, neutral));
  } else if (i < length) {
    low = combine(op, low, loadTail(at(row, i), length - i, neutral));
  }
  const four = combine(op, low, high);
  const two = combine(op, four, v128.shuffle<i32>(four, four, 2, 3, 0, 1));
  return combine(op, two, v128.shuffle<i32>(two, two, 1, 0, 3, 2));
}

/**
 * `columns` adjacent columns over all rows, in strips. The sums of a strip stay in the first-level cache, and
 * every row is read in one go: going down single columns would leave the memory's prefetching idle.
 */
// @ts-ignore: decorator
@inline
function reduceColumns(
  op: i32, input: usize, out: usize, length: i32, inner: i32, columns: i32, neutral: i32, sums: usize,
): void {
  for (let column = 0; column < columns; column += stripColumns) {
    reduceStrip(op, at(input, column), at(out, column), length, inner, min(stripColumns, columns - column), neutral, sums);
  }
}

// @ts-ignore: decorator
@inline
function reduceStrip(
  op: i32, input: usize, out: usize, length: i32, inner: i32, columns: i32, neutral: i32, sums: usize,
): void {
  const superBlock = sums;
  const block = at(sums, stripColumns);
  fillRun(out, neutral, columns);
  for (let superRow = 0; superRow < length; superRow += superRows) {
    const superEnd = min(length, superRow + superRows);
    fillRun(superBlock, neutral, columns);
    for (let blockRow = superRow; blockRow < superEnd; blockRow += blockRows) {
      const end = min(superEnd, blockRow + blockRows);
      fillRun(block, neutral, columns);
      let row = blockRow;
      for (; row <= end - 4; row += 4) combineFourRows(op, block, at(input, row * inner), inner, columns);
      for (; row < end; row++) combineRow(op, block, at(input, row * inner), columns);
      combineRow(op, superBlock, block, columns);
    }
    combineRow(op, out, superBlock, columns);
  }
}

/** sums = sums ∘ row. */
// @ts-ignore: decorator
@inline
function combineRow(op: i32, sums: usize, row: usize, columns: i32): void {
  let i = 0;
  for (; i <= columns - 4; i += 4) {
    v128.store(at(sums, i), combine(op, v128.load(at(sums, i)), v128.load(at(row, i))));
  }
  if (i == columns) return;
  const rest = columns - i;
  const sum = loadTail(at(sums, i), rest, i32x4.splat(0));
  storeLanes(at(sums, i), combine(op, sum, loadTail(at(row, i), rest, i32x4.splat(0))), rest);
}

/** {@link combineRow} for four rows, one after the other. */
// @ts-ignore: decorator
@inline
function combineFourRows(op: i32, sums: usize, rows: usize, inner: i32, columns: i32): void {
  const stride = (<usize>inner) << 2;
  let i = 0;
  for (; i <= columns - 4; i += 4) {
    const column = at(rows, i);
    let sum = combine(op, v128.load(at(sums, i)), v128.load(column));
    sum = combine(op, sum, v128.load(column + stride));
    sum = combine(op, sum, v128.load(column + 2 * stride));
    v128.store(at(sums, i), combine(op, sum, v128.load(column + 3 * stride)));
  }
  if (i == columns) return;
  const rest = columns - i;
  const zero = i32x4.splat(0);
  const column = at(rows, i);
  let sum = combine(op, loadTail(at(sums, i), rest, zero), loadTail(column, rest, zero));
  sum = combine(op, sum, loadTail(column + stride, rest, zero));
  sum = combine(op, sum, loadTail(column + 2 * stride, rest, zero));
  storeLanes(at(sums, i), combine(op, sum, loadTail(column + 3 * stride, rest, zero)), rest);
}
