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
/** Columns that one pass over a super-block takes: a cache line. */
// @ts-ignore: decorator
@inline
const columnGroup: i32 = 16;

/** Buffers: in, out. Immediates: outer, length, inner, op. */
export function reduce(args: usize, part: i32, parts: i32): void {
  const input = buffer(args, 0);
  const out = buffer(args, 1);
  const outer = immediate(args, 2);
  const length = immediate(args, 3);
  const inner = immediate(args, 4);
  const op = immediate(args, 5);
  const groups = (inner + columnGroup - 1) / columnGroup;
  const unit = shareStart(outer * groups, part, parts);
  const end = shareStart(outer * groups, part + 1, parts);
  if (unit >= end) return;
  switch (op) {
    case SUM_F32: return reduceWith(SUM_F32, input, out, length, inner, groups, unit, end);
    case PRODUCT_F32: return reduceWith(PRODUCT_F32, input, out, length, inner, groups, unit, end);
    case MAX_F32: return reduceWith(MAX_F32, input, out, length, inner, groups, unit, end);
    case MIN_F32: return reduceWith(MIN_F32, input, out, length, inner, groups, unit, end);
    case SUM_I32: return reduceWith(SUM_I32, input, out, length, inner, groups, unit, end);
    case PRODUCT_I32: return reduceWith(PRODUCT_I32, input, out, length, inner, groups, unit, end);
    case MAX_I32: return reduceWith(MAX_I32, input, out, length, inner, groups, unit, end);
    case MIN_I32: return reduceWith(MIN_I32, input, out, length, inner, groups, unit, end);
    case MAX_U32: return reduceWith(MAX_U32, input, out, length, inner, groups, unit, end);
    case MIN_U32: return reduceWith(MIN_U32, input, out, length, inner, groups, unit, end);
    case AND: return reduceWith(AND, input, out, length, inner, groups, unit, end);
    case OR: return reduceWith(OR, input, out, length, inner, groups, unit, end);
    default: unreachable();
  }
}

/** Units are (outer index, group of columns); with inner = 1 they are the rows. */
// @ts-ignore: decorator
@inline
function reduceWith(
  op: i32, input: usize, out: usize, length: i32, inner: i32, groups: i32, unit: i32, end: i32,
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
      length, inner, min(inner, endGroup * columnGroup) - column, neutral,
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

/** `columns` adjacent columns over all rows, super-block by super-block. */
// @ts-ignore: decorator
@inline
function reduceColumns(
  op: i32, input: usize, out: usize, length: i32, inner: i32, columns: i32, neutral: i32,
): void {
  const start = i32x4.splat(neutral);
  fillRun(out, neutral, columns);
  for (let row = 0; row < length; row += superRows) {
    const rows = min(superRows, length - row);
    const block = at(input, row * inner);
    let column = 0;
    for (; column <= columns - 16; column += 16) {
      reduceSixteen(op, at(block, column), at(out, column), rows, inner, start);
    }
    for (; column < columns; column += 4) {
      reduceFour(op, at(block, column), at(out, column), rows, inner, min(4, columns - column), start);
    }
  }
}

/** Adds the super-block of `rows` rows of 16 columns to out. */
// @ts-ignore: decorator
@inline
function reduceSixteen(op: i32, input: usize, out: usize, rows: i32, inner: i32, neutral: v128): void {
  const stride = (<usize>inner) << 2;
  let s0 = neutral;
  let s1 = neutral;
  let s2 = neutral;
  let s3 = neutral;
  for (let row = 0; row < rows; row += blockRows) {
    let a = neutral;
    let b = neutral;
    let c = neutral;
    let d = neutral;
    for (let i = min(blockRows, rows - row); i > 0; i--) {
      a = combine(op, a, v128.load(input));
      b = combine(op, b, v128.load(input, 16));
      c = combine(op, c, v128.load(input, 32));
      d = combine(op, d, v128.load(input, 48));
      input += stride;
    }
    s0 = combine(op, s0, a);
    s1 = combine(op, s1, b);
    s2 = combine(op, s2, c);
    s3 = combine(op, s3, d);
  }
  v128.store(out, combine(op, v128.load(out), s0));
  v128.store(out, combine(op, v128.load(out, 16), s1), 16);
  v128.store(out, combine(op, v128.load(out, 32), s2), 32);
  v128.store(out, combine(op, v128.load(out, 48), s3), 48);
}

/** The same for one to four columns. */
// @ts-ignore: decorator
@inline
function reduceFour(op: i32, input: usize, out: usize, rows: i32, inner: i32, columns: i32, neutral: v128): void {
  const stride = (<usize>inner) << 2;
  let sum = neutral;
  for (let row = 0; row < rows; row += blockRows) {
    let block = neutral;
    for (let i = min(blockRows, rows - row); i > 0; i--) {
      block = combine(op, block, columns == 4 ? v128.load(input) : loadTail(input, columns, neutral));
      input += stride;
    }
    sum = combine(op, sum, block);
  }
  const previous = columns == 4 ? v128.load(out) : loadTail(out, columns, neutral);
  storeLanes(out, combine(op, previous, sum), columns);
}
