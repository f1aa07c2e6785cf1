/**
 * Positions of the largest or smallest elements. The lowest index wins ties (-0 equals +0); the first NaN
 * wins over numbers.
 */
import {
  combine, loadTail, MAX_F32, MAX_I32, MAX_U32, MIN_F32, MIN_I32, MIN_U32, neutralBits, storeLanes,
} from "../support/reduction";
import { at, buffer, immediate, shareStart } from "../support/words";

// @ts-ignore: decorator
@inline
const columnGroup: i32 = 4;

/**
 * Buffers: in, out (i32). Immediates: outer, length, inner, op (0 argmaxF32, 1 argminF32, 2 argmaxI32,
 * 3 argminI32, 4 argmaxU32, 5 argminU32). Shares are outer indices and groups of columns.
 */
export function argReduce(args: usize, part: i32, parts: i32): void {
  const input = buffer(args, 0);
  const out = buffer(args, 1);
  const outer = immediate(args, 2);
  const length = immediate(args, 3);
  const inner = immediate(args, 4);
  const groups = (inner + columnGroup - 1) / columnGroup;
  const from = shareStart(outer * groups, part, parts);
  const to = shareStart(outer * groups, part + 1, parts);
  switch (immediate(args, 5)) {
    case 0: return argReduceWith(MAX_F32, input, out, length, inner, groups, from, to);
    case 1: return argReduceWith(MIN_F32, input, out, length, inner, groups, from, to);
    case 2: return argReduceWith(MAX_I32, input, out, length, inner, groups, from, to);
    case 3: return argReduceWith(MIN_I32, input, out, length, inner, groups, from, to);
    case 4: return argReduceWith(MAX_U32, input, out, length, inner, groups, from, to);
    case 5: return argReduceWith(MIN_U32, input, out, length, inner, groups, from, to);
    default: unreachable();
  }
}

// @ts-ignore: decorator
@inline
function argReduceWith(
  op: i32, input: usize, out: usize, length: i32, inner: i32, groups: i32, from: i32, to: i32,
): void {
  if (inner == 1) {
    for (let row = from; row < to; row++) store<i32>(at(out, row), argRow(op, at(input, row * length), length));
    return;
  }
  for (let unit = from; unit < to; unit++) {
    const index = unit / groups;
    const column = (unit - index * groups) * columnGroup;
    argColumns(
      op, at(input, index * length * inner + column), at(out, index * inner + column),
      length, inner, min(columnGroup, inner - column),
    );
  }
}

/** A contiguous row in two passes: its extreme value (NaN if there is one), then where that is first. */
// @ts-ignore: decorator
@inline
function argRow(op: i32, row: usize, length: i32): i32 {
  const neutral = i32x4.splat(neutralBits(op));
  let low = neutral;
  let high = neutral;
  let i = 0;
  for (; i <= length - 8; i += 8) {
    low = combine(op, low, v128.load(at(row, i)));
    high = combine(op, high, v128.load(at(row, i), 16));
  }
  for (; i <= length - 4; i += 4) low = combine(op, low, v128.load(at(row, i)));
  if (i < length) low = combine(op, low, loadTail(at(row, i), length - i, neutral));
  low = combine(op, low, high);
  low = combine(op, low, v128.shuffle<i32>(low, low, 2, 3, 0, 1));
  const best = combine(op, low, v128.shuffle<i32>(low, low, 1, 0, 3, 2));
  for (i = 0; i <= length - 4; i += 4) {
    const matches = i32x4.bitmask(matching(op, v128.load(at(row, i)), best));
    if (matches != 0) return i + ctz(matches);
  }
  if (i < length) {
    // The padding may match too, but the lanes before it come first.
    const matches = i32x4.bitmask(matching(op, loadTail(at(row, i), length - i, neutral), best));
    return i + ctz(matches);
  }
  return 0;
}

/** Lanes that equal the extreme value, or are NaN when it is NaN. */
// @ts-ignore: decorator
@inline
function matching(op: i32, x: v128, best: v128): v128 {
  if (op != MAX_F32 && op != MIN_F32) return i32x4.eq(x, best);
  return v128.or(f32x4.eq(x, best), v128.and(f32x4.ne(x, x), f32x4.ne(best, best)));
}

/** One to four adjacent columns in one pass. */
// @ts-ignore: decorator
@inline
function argColumns(op: i32, input: usize, out: usize, length: i32, inner: i32, columns: i32): void {
  let best = i32x4.splat(0);
  let index = i32x4.splat(0);
  const stride = (<usize>inner) << 2;
  for (let i = 0; i < length; i++) {
    const x = columns == 4 ? v128.load(input) : loadTail(input, columns, best);
    const wins = i == 0 ? i32x4.splat(-1) : beating(op, x, best);
    best = v128.bitselect(x, best, wins);
    index = v128.bitselect(i32x4.splat(i), index, wins);
    input += stride;
  }
  storeLanes(out, index, columns);
}

/** Lanes of x that come before the best so far. */
// @ts-ignore: decorator
@inline
function beating(op: i32, x: v128, best: v128): v128 {
  if (op == MAX_I32) return i32x4.gt_s(x, best);
  if (op == MIN_I32) return i32x4.lt_s(x, best);
  if (op == MAX_U32) return i32x4.gt_u(x, best);
  if (op == MIN_U32) return i32x4.lt_u(x, best);
  const better = op == MAX_F32 ? f32x4.gt(x, best) : f32x4.lt(x, best);
  return v128.or(better, v128.and(f32x4.ne(x, x), f32x4.eq(best, best)));
}
