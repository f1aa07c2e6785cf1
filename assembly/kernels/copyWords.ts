import { copyRun } from "../support/copy";
import { alignedShareStart, at, buffer, immediate } from "../support/words";

/** Buffers: in, out (equal or disjoint). Immediates: count. */
export function copyWords(args: usize, part: i32, parts: i32): void {
  const count = immediate(args, 2);
  const start = alignedShareStart(count, part, parts, 16);
  const end = alignedShareStart(count, part + 1, parts, 16);
  copyRun(at(buffer(args, 1), start), at(buffer(args, 0), start), end - start);
}
