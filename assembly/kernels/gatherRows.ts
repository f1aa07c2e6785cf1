import { fillRun } from "../support/copy";
import { gatherRange } from "../support/rows";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: x, indices (i32), out. Immediates: batch, n, inner, m.
 * out[b, j, :] = x[b, clamp(indices[b, j], 0, n - 1), :]; zeros when n = 0.
 */
export function gatherRows(args: usize, part: i32, parts: i32): void {
  const n = immediate(args, 4);
  const inner = immediate(args, 5);
  const m = immediate(args, 6);
  const rows = immediate(args, 3) * m;
  const from = shareStart(rows, part, parts);
  const to = shareStart(rows, part + 1, parts);
  const out = buffer(args, 2);
  if (n == 0) fillRun(at(out, from * inner), 0, (to - from) * inner);
  else gatherRange(buffer(args, 0), buffer(args, 1), out, n, m, inner, from, to);
}
