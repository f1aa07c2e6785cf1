import { fillRun } from "../support/copy";
import { at, buffer, immediate, shareStart } from "../support/words";

/** Buffers: out. Immediates: outer, length, inner, isFloat. out[o, l, i] = l, as an integer or as f32. */
export function iota(args: usize, part: i32, parts: i32): void {
  const out = buffer(args, 0);
  const length = immediate(args, 2);
  const inner = immediate(args, 3);
  const isFloat = immediate(args, 4) != 0;
  const rows = immediate(args, 1) * length;
  if (rows == 0) return;
  const end = shareStart(rows, part + 1, parts);
  let row = shareStart(rows, part, parts);
  let position = row % length;
  while (row < end) {
    const count = min(end - row, length - position);
    if (inner == 1) {
      countUp(at(out, row), position, count, isFloat);
    } else {
      for (let i = 0; i < count; i++) fillRun(at(out, (row + i) * inner), wordOf(position + i, isFloat), inner);
    }
    row += count;
    position = 0;
  }
}

// @ts-ignore: decorator
@inline
function wordOf(position: i32, isFloat: bool): i32 {
  return isFloat ? reinterpret<i32>(<f32>position) : position;
}

/** `count` words from `position` on. */
function countUp(out: usize, position: i32, count: i32, isFloat: bool): void {
  let lanes = i32x4.add(i32x4.splat(position), i32x4(0, 1, 2, 3));
  const four = i32x4.splat(4);
  let i = 0;
  for (; i <= count - 4; i += 4) {
    v128.store(at(out, i), isFloat ? f32x4.convert_i32x4_s(lanes) : lanes);
    lanes = i32x4.add(lanes, four);
  }
  for (; i < count; i++) store<i32>(at(out, i), wordOf(position + i, isFloat));
}
