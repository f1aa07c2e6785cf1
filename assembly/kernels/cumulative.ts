/**
 * Running sums of an axis, in an order that depends on its length alone: a tree of fours
 * (`src/primitives/reduction/running-sums.ts` says which).
 */
import { COLUMNS, frameWords, sumColumns } from "../support/runningColumns";
import { sumRow } from "../support/runningRow";
import { BASES, TOTALS } from "../support/runningModes";
import { at, buffer, immediate, shareStart } from "../support/words";

/** More parts than this would not read memory faster. */
// @ts-ignore: decorator
@inline
const areas: i32 = 32;
/** What each part knows of the branches that it is in. */
const frames = memory.data(32 * 15 * 2 * 16 * 4, 16);

/**
 * Buffers: in, out (may be equal), bases. Immediates: outer, length, inner, op (0 sumF32, 1 sumI32), reverse,
 * chunk (a power of 4, or the length), mode. in[outer, length, inner]; chunks of an axis are summed on their own:
 *
 * - mode 0: out = the sums up to and with each element, in every chunk from zero;
 * - mode 1: the same from bases[outer, chunks, inner];
 * - mode 2: the sums before each element;
 * - mode 3: out[outer, chunks, inner] = what the chunks come to.
 *
 * Shares are outer indices, chunks and groups of columns.
 */
export function cumulative(args: usize, part: i32, parts: i32): void {
  if (immediate(args, 6) == 0) runCumulative<f32>(args, part, min(parts, areas));
  else runCumulative<i32>(args, part, min(parts, areas));
}

function runCumulative<T extends number>(args: usize, part: i32, parts: i32): void {
  if (part >= parts) return;
  const input = buffer(args, 0);
  const out = buffer(args, 1);
  const bases = buffer(args, 2);
  const length = immediate(args, 4);
  const inner = immediate(args, 5);
  const reverse = immediate(args, 7) != 0;
  const chunk = immediate(args, 8);
  const mode = immediate(args, 9);
  const frame = at(frames, part * 15 * frameWords);
  const groups = (inner + COLUMNS - 1) / COLUMNS;
  const chunks = chunk == 0 ? 0 : (length + chunk - 1) / chunk;
  const units = immediate(args, 3) * chunks * groups;
  const end = shareStart(units, part + 1, parts);
  const step = reverse ? -inner : inner;
  let unit = shareStart(units, part, parts);
  if (unit >= end) return;
  // Counted up from here, because a division takes as long as a short row.
  let branch = unit / groups;
  let column = (unit - branch * groups) * COLUMNS;
  let index = branch / chunks;
  let start = (branch - index * chunks) * chunk;
  for (; unit < end; unit++) {
    const rows = min(chunk, length - start);
    const first = (index * length + (reverse ? length - 1 - start : start)) * inner + column;
    const total = at(out, branch * inner + column);
    const base = mode == BASES ? at(bases, branch * inner + column) : 0;
    const from = at(input, first);
    const to = at(out, first);
    if (inner == 1) {
      const sum = sumRow<T>(mode, from, to, rows, reverse, base == 0 ? <T>0 : load<T>(base));
      if (mode == TOTALS) store<T>(total, sum);
    } else {
      sumColumns<T>(mode, from, to, rows, step, min(COLUMNS, inner - column), base, total, frame);
    }
    column += COLUMNS;
    if (column < inner) continue;
    column = 0;
    branch++;
    start += chunk;
    if (start < length) continue;
    start = 0;
    index++;
  }
}
