/** Cross-entropy of a softmax with integer labels; no row of probabilities is ever stored. */
import { expLanes, logLanes } from "../generated/scalar-functions";
import { loadFour, maxLanes, sumBlock, sumLanes } from "../support/rowSums";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: logits, labels (i32), loss, lse. Immediates: rows, classes.
 * lse = log(sum(exp(row))), the maximum subtracted first; loss = lse - logits[label], 0 for a negative label; a label
 * beyond the last class counts as the last.
 */
export function softmaxCrossEntropy(args: usize, part: i32, parts: i32): void {
  const rows = immediate(args, 4);
  const classes = immediate(args, 5);
  const end = shareStart(rows, part + 1, parts);
  for (let row = shareStart(rows, part, parts); row < end; row++) {
    const logits = at(buffer(args, 0), row * classes);
    const largest = rowMax(logits, classes);
    const total = sumExp(logits, classes, largest);
    const lse = largest + f32x4.extract_lane(logLanes(f32x4.splat(total)), 0);
    const label = load<i32>(at(buffer(args, 1), row));
    store<f32>(at(buffer(args, 3), row), lse);
    store<f32>(
      at(buffer(args, 2), row),
      label < 0 ? 0 : lse - load<f32>(at(logits, min(label, classes - 1))),
    );
  }
}

/** At least -f32.MAX_VALUE, so that differences from it are no NaN for infinite logits; passes over NaN, which the sum keeps. */
function rowMax(row: usize, n: i32): f32 {
  const lowest = f32x4.splat(-f32.MAX_VALUE);
  let a = lowest;
  let b = lowest;
  let i = 0;
  for (; i <= n - 8; i += 8) {
    a = f32x4.pmax(a, v128.load(at(row, i)));
    b = f32x4.pmax(b, v128.load(at(row, i), 16));
  }
  for (; i < n; i += 4) a = f32x4.pmax(a, loadFour(row, i, n, lowest));
  return maxLanes(f32x4.pmax(a, b));
}

/** The sum of exp(x - largest), in the order of rowSum. */
function sumExp(row: usize, n: i32, largest: f32): f32 {
  const shift = f32x4.splat(largest);
  const lowest = f32x4.splat(-Infinity);
  const zero = f32x4.splat(0);
  let total: f32 = 0;
  for (let start = 0; start < n; start += sumBlock) {
    const end = min(n, start + sumBlock);
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let i = start;
    for (; i <= end - 16; i += 16) {
      s0 = f32x4.add(s0, expLanes(f32x4.sub(v128.load(at(row, i)), shift)));
      s1 = f32x4.add(s1, expLanes(f32x4.sub(v128.load(at(row, i), 16), shift)));
      s2 = f32x4.add(s2, expLanes(f32x4.sub(v128.load(at(row, i), 32), shift)));
      s3 = f32x4.add(s3, expLanes(f32x4.sub(v128.load(at(row, i), 48), shift)));
    }
    for (; i < end; i += 4) s0 = f32x4.add(s0, expLanes(f32x4.sub(loadFour(row, i, end, lowest), shift)));
    total += sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  return total;
}
