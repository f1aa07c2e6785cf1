/** One step of Adam (Kingma and Ba 2015) in one pass over memory. */
import { storeLanes } from "../support/reduction";
import { loadFour } from "../support/rowSums";
import { alignedShareStart, at, buffer, immediate } from "../support/words";

/**
 * Buffers: p, m, v, g, scalars, pOut, mOut, vOut. Immediates: count. scalars f32[6]: lr, b1, b2, eps, correction1, correction2.
 * m' = b1 m + (1 - b1) g; v' = b2 v + (1 - b2) g g; p' = p - lr (m' correction1) / (sqrt(v' correction2) + eps). The outputs may be
 * the inputs of the same name.
 */
export function adamUpdate(args: usize, part: i32, parts: i32): void {
  const count = immediate(args, 8);
  const end = alignedShareStart(count, part + 1, parts, 4);
  for (let i = alignedShareStart(count, part, parts, 4); i < end; i += 4) updateFour(args, i, end);
}

// @ts-ignore: decorator
@inline
function updateFour(args: usize, i: i32, end: i32): void {
  const scalars = buffer(args, 4);
  const b1 = v128.load32_splat(scalars, 4);
  const b2 = v128.load32_splat(scalars, 8);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const g = loadFour(buffer(args, 3), i, end, zero);
  const m = f32x4.add(
    f32x4.mul(b1, loadFour(buffer(args, 1), i, end, zero)), f32x4.mul(f32x4.sub(one, b1), g),
  );
  const v = f32x4.add(
    f32x4.mul(b2, loadFour(buffer(args, 2), i, end, zero)), f32x4.mul(f32x4.mul(f32x4.sub(one, b2), g), g),
  );
  const root = f32x4.sqrt(f32x4.mul(v, v128.load32_splat(scalars, 20)));
  const step = f32x4.div(
    f32x4.mul(v128.load32_splat(scalars, 0), f32x4.mul(m, v128.load32_splat(scalars, 16))),
    f32x4.add(root, v128.load32_splat(scalars, 12)),
  );
  const p = f32x4.sub(loadFour(buffer(args, 0), i, end, zero), step);
  const used = min(4, end - i);
  storeLanes(at(buffer(args, 5), i), p, used);
  storeLanes(at(buffer(args, 6), i), m, used);
  storeLanes(at(buffer(args, 7), i), v, used);
}
