import { fillRun } from "../support/copy";
import { at, buffer, immediate, shareStart } from "../support/words";

/** Buffers: out. Immediates: outer, length, inner, isFloat. out[o, l, i] = l, as an integer or as f32. */
export function iota(args: usize, part: i32, parts: i32): void {
  const out = buffer(args, 0);
  const length = immediate(args, 2);
  const inner = immediate(args, 3);
  const isFloat = immediate(args, 4) != 0;
  const rows = immediate(args, 1) * length;
  const end = shareStart(rows, part + 1, parts);
  for (let row = shareStart(rows, part, parts); row < end; row++) {
    const position = row % length;
    const bits = isFloat ? reinterpret<i32>(<f32>position) : position;
    if (inner == 1) store<i32>(at(out, row), bits);
    else fillRun(at(out, row * inner), bits, inner);
  }
}
