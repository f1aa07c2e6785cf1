import { at, buffer, immediate, shareStart } from "../support/words";

/** Columns that always stay in one share. */
// @ts-ignore: decorator
@inline
const columnGroup: i32 = 16;

/**
 * Buffers: indices (i32), updates, out (read and written). Immediates: batch, n, inner, m, isFloat.
 * out[b, indices[b, j], :] += updates[b, j, :] for ascending j; rows out of range are dropped. Shares are
 * columns of batches, so the order of additions is the same under any split.
 */
export function scatterAddRows(args: usize, part: i32, parts: i32): void {
  const n = immediate(args, 4);
  const inner = immediate(args, 5);
  const m = immediate(args, 6);
  const isFloat = immediate(args, 7) != 0;
  const groups = (inner + columnGroup - 1) / columnGroup;
  const units = immediate(args, 3) * groups;
  let unit = shareStart(units, part, parts);
  const end = shareStart(units, part + 1, parts);
  while (unit < end) {
    const b = unit / groups;
    const firstGroup = unit - b * groups;
    const endGroup = min(groups, firstGroup + end - unit);
    const column = firstGroup * columnGroup;
    const columns = min(inner, endGroup * columnGroup) - column;
    const indices = at(buffer(args, 0), b * m);
    const updates = at(buffer(args, 1), b * m * inner + column);
    const out = at(buffer(args, 2), b * n * inner + column);
    for (let j = 0; j < m; j++) {
      const row = load<i32>(at(indices, j));
      if (<u32>row >= <u32>n) continue;
      if (isFloat) addRun<f32>(at(out, row * inner), at(updates, j * inner), columns);
      else addRun<i32>(at(out, row * inner), at(updates, j * inner), columns);
    }
    unit += endGroup - firstGroup;
  }
}

/** out += from over `count` words. */
function addRun<T extends number>(out: usize, from: usize, count: i32): void {
  let i = 0;
  for (; i <= count - 4; i += 4) {
    v128.store(at(out, i), v128.add<T>(v128.load(at(out, i)), v128.load(at(from, i))));
  }
  for (; i < count; i++) store<T>(at(out, i), load<T>(at(out, i)) + load<T>(at(from, i)));
}
