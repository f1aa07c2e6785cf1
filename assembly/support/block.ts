/** Blocks inside of larger row-major arrays: the part that dynamicSlice and dynamicUpdateSlice share. */
import { copyRun } from "./copy";
import { at, shareStart } from "./words";

/** Words that always stay in one share. */
// @ts-ignore: decorator
@inline
const runGrain: i32 = 4096;

// @ts-ignore: decorator
@inline
function word(list: usize, index: i32): i32 {
  return load<i32>(at(list, index));
}

/** The start on `axis`, clamped so that the block fits; `starts` is a list of addresses. */
function clampedStart(starts: usize, shape: usize, sizes: usize, axis: i32): i32 {
  const start = load<i32>(<usize>load<u32>(at(starts, axis)));
  return max(0, min(start, word(shape, axis) - word(sizes, axis)));
}

/**
 * Copies between the block at the starts inside of `whole` (of `shape`) and the contiguous `block` (of
 * `sizes`), out of the whole or into it.
 */
export function copyBlock(
  whole: usize, block: usize, starts: usize, rank: i32, shape: usize, sizes: usize, into: bool, part: i32, parts: i32,
): void {
  // The run: trailing axes up to the last one that the block does not cover whole.
  let run = 1;
  let runAxis = rank;
  while (runAxis > 0) {
    runAxis--;
    run *= word(sizes, runAxis);
    if (word(sizes, runAxis) != word(shape, runAxis)) break;
  }
  let rows = 1;
  for (let axis = 0; axis < runAxis; axis++) rows *= word(sizes, axis);
  if (run == 0) return;
  const pieces = (run + runGrain - 1) / runGrain;
  const end = shareStart(rows * pieces, part + 1, parts);
  for (let unit = shareStart(rows * pieces, part, parts); unit < end; unit++) {
    const row = unit / pieces;
    const skipped = (unit - row * pieces) * runGrain;
    const inside = at(whole, rowOffset(starts, rank, runAxis, shape, sizes, row) + skipped);
    const outside = at(block, row * run + skipped);
    const count = min(runGrain, run - skipped);
    if (into) copyRun(inside, outside, count);
    else copyRun(outside, inside, count);
  }
}

/** Offset in the whole of row `row` of the block, rows counted over the axes before `runAxis`. */
function rowOffset(starts: usize, rank: i32, runAxis: i32, shape: usize, sizes: usize, row: i32): i32 {
  let offset = 0;
  let stride = 1;
  for (let axis = rank - 1; axis >= 0; axis--) {
    let position = clampedStart(starts, shape, sizes, axis);
    if (axis < runAxis) {
      const size = word(sizes, axis);
      position += row % size;
      row /= size;
    }
    offset += position * stride;
    stride *= word(shape, axis);
  }
  return offset;
}
