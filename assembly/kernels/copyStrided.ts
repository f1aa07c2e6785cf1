/**
 * Strided copies. The innermost run of axes that advance evenly on both sides is merged into one
 * axis; an axis with input stride 1 beside an output run of stride 1 makes a blocked transposition.
 */
import { copyRun, fillRun } from "../support/copy";
import { copySteps, transpose } from "../support/transpose";
import { at, buffer, immediate, immediatesAt, shareStart } from "../support/words";

/**
 * Buffers: in, out. Immediates: rank (<= 8), shape[rank], inOffset, inStrides[rank], outOffset,
 * outStrides[rank]; strides in words, of either sign, 0 allowed on the input.
 */
export function copyStrided(args: usize, part: i32, parts: i32): void {
  const rank = immediate(args, 2);
  const shape = immediatesAt(args, 3);
  const inStrides = immediatesAt(args, 4 + rank);
  const outStrides = immediatesAt(args, 5 + 2 * rank);
  let input = at(buffer(args, 0), immediate(args, 3 + rank));
  let out = at(buffer(args, 1), immediate(args, 4 + 2 * rank));
  for (let axis = 0; axis < rank; axis++) if (word(shape, axis) == 0) return;

  // The run: axes [runAxis, rank) as one axis of `count` elements.
  let runAxis = lastAxis(shape, rank);
  if (runAxis < 0) {
    if (part == 0) store<u32>(out, load<u32>(input));
    return;
  }
  const inStep = word(inStrides, runAxis);
  const outStep = word(outStrides, runAxis);
  let count = word(shape, runAxis);
  while (runAxis > 0 && continues(shape, inStrides, outStrides, runAxis - 1, count, inStep, outStep)) {
    runAxis--;
    count *= word(shape, runAxis);
  }

  // The columns of a transposition: axes [columnAxis, columnEnd) that are contiguous on the input.
  let columnAxis = runAxis;
  let columnEnd = runAxis;
  let columns = 1;
  let columnStep = 0;
  if (outStep == 1 && inStep != 1 && inStep != 0) {
    for (let axis = runAxis - 1; axis >= 0; axis--) {
      if (word(inStrides, axis) != 1 || word(shape, axis) < 2) continue;
      columnAxis = axis;
      columnEnd = axis + 1;
      columns = word(shape, axis);
      columnStep = word(outStrides, axis);
      while (columnAxis > 0 && continues(shape, inStrides, outStrides, columnAxis - 1, columns, 1, columnStep)) {
        columnAxis--;
        columns *= word(shape, columnAxis);
      }
      break;
    }
  }

  // Shares: the largest outer axis if it is long enough, else the longer of run and columns.
  let splitAxis = -1;
  let splitSize = 0;
  for (let axis = 0; axis < runAxis; axis++) {
    if (axis >= columnAxis && axis < columnEnd) continue;
    if (word(shape, axis) > splitSize) {
      splitSize = word(shape, axis);
      splitAxis = axis;
    }
  }
  if (splitSize < 4 * parts && splitSize < max(count, columns)) {
    splitAxis = -1;
    const longest = max(count, columns);
    const start = shareStart(longest, part, parts);
    const size = shareStart(longest, part + 1, parts) - start;
    if (count >= columns) {
      input = at(input, start * inStep);
      out = at(out, start * outStep);
      count = size;
    } else {
      input = at(input, start);
      out = at(out, start * columnStep);
      columns = size;
    }
    if (size == 0) return;
  }
  const from = splitAxis < 0 ? 0 : shareStart(splitSize, part, parts);
  const to = splitAxis < 0 ? 0 : shareStart(splitSize, part + 1, parts);
  if (splitAxis >= 0 && from == to) return;
  walk(
    shape, inStrides, outStrides, 0, runAxis, columnAxis, columnEnd, splitAxis, from, to,
    input, out, count, inStep, outStep, columns, columnStep,
  );
}

// @ts-ignore: decorator
@inline
function word(list: usize, index: i32): i32 {
  return load<i32>(at(list, index));
}

/** The last axis of more than one element, or -1. */
function lastAxis(shape: usize, rank: i32): i32 {
  let axis = rank - 1;
  while (axis >= 0 && word(shape, axis) == 1) axis--;
  return axis;
}

/** Whether one step along `axis` goes on where `count` steps of the run end, on both sides. */
function continues(
  shape: usize, inStrides: usize, outStrides: usize, axis: i32, count: i32, inStep: i32, outStep: i32,
): bool {
  if (word(shape, axis) == 1) return true;
  return word(inStrides, axis) == count * inStep && word(outStrides, axis) == count * outStep;
}

/** Loops over the axes [axis, runAxis) but the columns, and copies a run or a transposed block in each place. */
function walk(
  shape: usize, inStrides: usize, outStrides: usize, axis: i32, runAxis: i32, columnAxis: i32, columnEnd: i32,
  splitAxis: i32, from: i32, to: i32, input: usize, out: usize,
  count: i32, inStep: i32, outStep: i32, columns: i32, columnStep: i32,
): void {
  if (axis == columnAxis) axis = columnEnd;
  while (axis < runAxis && word(shape, axis) == 1) {
    axis++;
    if (axis == columnAxis) axis = columnEnd;
  }
  if (axis >= runAxis) {
    copyBlock(input, out, count, inStep, outStep, columns, columnStep);
    return;
  }
  const first = axis == splitAxis ? from : 0;
  const end = axis == splitAxis ? to : word(shape, axis);
  const inStride = word(inStrides, axis);
  const outStride = word(outStrides, axis);
  let next = axis + 1;
  if (next == columnAxis) next = columnEnd;
  for (let i = first; i < end; i++) {
    const source = at(input, i * inStride);
    const target = at(out, i * outStride);
    if (next >= runAxis) copyBlock(source, target, count, inStep, outStep, columns, columnStep);
    else {
      walk(
        shape, inStrides, outStrides, next, runAxis, columnAxis, columnEnd, splitAxis, from, to,
        source, target, count, inStep, outStep, columns, columnStep,
      );
    }
  }
}

function copyBlock(
  input: usize, out: usize, count: i32, inStep: i32, outStep: i32, columns: i32, columnStep: i32,
): void {
  if (columns > 1) transpose(input, out, count, inStep, columns, columnStep);
  else if (outStep == 1 && inStep == 1) copyRun(out, input, count);
  else if (outStep == 1 && inStep == 0) fillRun(out, load<i32>(input), count);
  else copySteps(input, out, count, inStep, outStep);
}
