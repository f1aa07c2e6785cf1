import { gatherRange } from "../support/rows";
import { buffer, immediate, shareStart } from "../support/words";

/** Buffers: x[N, L, w], permutation i32[N, L], out[N, L, w]. Immediates: N, L, w. Entries are clamped to [0, L). */
export function permuteRows(args: usize, part: i32, parts: i32): void {
  const length = immediate(args, 4);
  const rows = immediate(args, 3) * length;
  gatherRange(
    buffer(args, 0), buffer(args, 1), buffer(args, 2), length, length, immediate(args, 5),
    shareStart(rows, part, parts), shareStart(rows, part + 1, parts),
  );
}
