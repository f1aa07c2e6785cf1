import { expLanes } from "../generated/scalar-functions";
import { fillRun } from "../support/copy";
import { storeLanes } from "../support/reduction";
import { loadFour } from "../support/rowSums";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: logits, labels (i32), lse, g, dlogits. Immediates: rows, classes.
 * dlogits = (exp(logits - lse) - onehot(label)) * g[row], 0 for a negative label; dlogits may be logits.
 */
export function softmaxCrossEntropyBackward(args: usize, part: i32, parts: i32): void {
  const rows = immediate(args, 5);
  const classes = immediate(args, 6);
  const end = shareStart(rows, part + 1, parts);
  for (let row = shareStart(rows, part, parts); row < end; row++) {
    const logits = at(buffer(args, 0), row * classes);
    const out = at(buffer(args, 4), row * classes);
    const label = min(load<i32>(at(buffer(args, 1), row)), classes - 1);
    if (label < 0) {
      fillRun(out, 0, classes);
      continue;
    }
    const lse = f32x4.splat(load<f32>(at(buffer(args, 2), row)));
    const g = f32x4.splat(load<f32>(at(buffer(args, 3), row)));
    // Read before it may be overwritten.
    const logit = f32x4.splat(load<f32>(at(logits, label)));
    let i = 0;
    for (; i <= classes - 8; i += 8) {
      const a = expLanes(f32x4.sub(v128.load(at(logits, i)), lse));
      const b = expLanes(f32x4.sub(v128.load(at(logits, i), 16), lse));
      v128.store(at(out, i), f32x4.mul(a, g));
      v128.store(at(out, i), f32x4.mul(b, g), 16);
    }
    for (; i < classes; i += 4) {
      const p = expLanes(f32x4.sub(loadFour(logits, i, classes, f32x4.splat(0)), lse));
      storeLanes(at(out, i), f32x4.mul(p, g), min(4, classes - i));
    }
    const p = f32x4.sub(expLanes(f32x4.sub(logit, lse)), f32x4.splat(1));
    v128.store_lane<u32>(at(out, label), f32x4.mul(p, g), 0);
  }
}
