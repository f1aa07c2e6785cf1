import { copyRun, fillRun } from "./copy";
import { at, immediate } from "./words";

/** Copies `count` words that lie `stride` words apart. */
function gatherRun(out: usize, from: usize, stride: i32, count: i32): void {
  const step = (<usize>stride) << 2;
  let i = 0;
  for (; i <= count - 4; i += 4) {
    const a = load<u32>(from);
    from += step;
    const b = load<u32>(from);
    from += step;
    const c = load<u32>(from);
    from += step;
    const d = load<u32>(from);
    from += step;
    const target = at(out, i);
    store<u32>(target, a);
    store<u32>(target, b, 4);
    store<u32>(target, c, 8);
    store<u32>(target, d, 12);
  }
  for (; i < count; i++) {
    store<u32>(at(out, i), load<u32>(from));
    from += step;
  }
}

// @ts-ignore: decorator
@inline
function loadRun(out: usize, from: usize, stride: i32, count: i32): void {
  if (stride == 1) copyRun(out, from, count);
  else if (stride == 0) fillRun(out, load<i32>(from), count);
  else gatherRun(out, from, stride, count);
}

/** Words of a row that repeats, from `column` on: one period, then what is there already, doubled. */
function loadPeriodic(out: usize, base: usize, stride: i32, inner: i32, column: i32, count: i32): void {
  loadRun(out, at(base, column * stride), stride, inner - column);
  if (column > 0) loadRun(at(out, inner - column), base, stride, column);
  for (let done = inner; done < count; done += min(done, count - done)) {
    copyRun(at(out, done), out, min(done, count - done));
  }
}

/**
 * Brings the elements [start, start + count) of a view, in row-major order, together in `out`. The view's words
 * are: rank, then size and stride of every axis, outermost first. `base` is its element 0.
 */
export function loadStridedTile(view: usize, base: usize, start: i32, count: i32, out: usize): void {
  const rank = immediate(view, 0);
  const axes = at(view, 1);
  const inner = immediate(axes, 2 * rank - 2);
  const stride = immediate(axes, 2 * rank - 1);
  let row = start / inner;
  let column = start - row * inner;
  if (rank == 2 && immediate(axes, 1) == 0 && inner <= count) {
    return loadPeriodic(out, base, stride, inner, column, count);
  }
  let from = at(base, rowOffset(axes, rank, row) + column * stride);
  while (true) {
    const run = min(inner - column, count);
    loadRun(out, from, stride, run);
    count -= run;
    if (count <= 0) return;
    out = at(out, run);
    row++;
    column = 0;
    from = at(base, rowOffset(axes, rank, row));
  }
}

/** Words between element 0 of a view and the first element of its row number `row`. */
// @ts-ignore: decorator
@inline
function rowOffset(axes: usize, rank: i32, row: i32): i32 {
  let offset = 0;
  for (let axis = rank - 2; axis >= 0; axis--) {
    const size = immediate(axes, 2 * axis);
    const rest = axis == 0 ? 0 : row / size;
    offset += (row - rest * size) * immediate(axes, 2 * axis + 1);
    row = rest;
  }
  return offset;
}
