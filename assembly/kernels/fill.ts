import { fillRun } from "../support/copy";
import { alignedShareStart, at, buffer, immediate } from "../support/words";

/** Buffers: out. Immediates: count, bits. Every word becomes `bits`. */
export function fill(args: usize, part: i32, parts: i32): void {
  const out = buffer(args, 0);
  const count = immediate(args, 1);
  const start = alignedShareStart(count, part, parts, 16);
  const end = alignedShareStart(count, part + 1, parts, 16);
  fillRun(at(out, start), immediate(args, 2), end - start);
}
