import { copyRun } from "./copy";
import { at } from "./words";

// @ts-ignore: decorator
@inline
export function clampIndex(index: i32, n: i32): i32 {
  return max(0, min(index, n - 1));
}

/**
 * out[b, j, :] = x[b, clamp(indices[b, j]), :] for the rows [from, to) of the flattened (b, j); x has n > 0
 * and out m rows of `width` words per b.
 */
export function gatherRange(
  x: usize, indices: usize, out: usize, n: i32, m: i32, width: i32, from: i32, to: i32,
): void {
  while (from < to) {
    const b = from / m;
    const end = min(to, (b + 1) * m);
    const group = at(x, b * n * width);
    if (width == 1) {
      for (; from < end; from++) {
        store<u32>(at(out, from), load<u32>(at(group, clampIndex(load<i32>(at(indices, from)), n))));
      }
    } else {
      for (; from < end; from++) {
        copyRun(at(out, from * width), at(group, clampIndex(load<i32>(at(indices, from)), n) * width), width);
      }
    }
  }
}
