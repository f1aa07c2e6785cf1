/** The derivative of layer normalisation: with n = (x - mean) rstd and h = dy gamma, dx = rstd (h - mean(h) - n mean(h n)). */
import { fillRun } from "../support/copy";
import { multiplyAdd } from "../support/multiplyAdd";
import { storeLanes } from "../support/reduction";
import { loadFour, sumBlock, sumLanes } from "../support/rowSums";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: x, gamma, mean, rstd, dy, dx, partials. Immediates: rows, d, rowsPerBlock. dx may be dy.
 * partials[2, blocks, d]: the sums over a block's rows, in order, of dy n and of dy.
 */
export function layerNormBackward(args: usize, part: i32, parts: i32): void {
  const gamma = buffer(args, 1);
  const partials = buffer(args, 6);
  const rows = immediate(args, 7);
  const d = immediate(args, 8);
  const rowsPerBlock = immediate(args, 9);
  const blocks = (rows + rowsPerBlock - 1) / rowsPerBlock;
  const end = shareStart(blocks, part + 1, parts);
  for (let block = shareStart(blocks, part, parts); block < end; block++) {
    const gammaSums = at(partials, block * d);
    const betaSums = at(partials, (blocks + block) * d);
    fillRun(gammaSums, 0, d);
    fillRun(betaSums, 0, d);
    const lastRow = min(rows, (block + 1) * rowsPerBlock);
    for (let row = block * rowsPerBlock; row < lastRow; row++) {
      const mean = load<f32>(at(buffer(args, 2), row));
      const rstd = load<f32>(at(buffer(args, 3), row));
      const x = at(buffer(args, 0), row * d);
      const dy = at(buffer(args, 4), row * d);
      const sums = sumRow(x, gamma, dy, gammaSums, betaSums, d, mean, rstd);
      differentiateRow(
        x, gamma, dy, at(buffer(args, 5), row * d), d, mean, rstd,
        reinterpret<f32>(<u32>sums) / <f32>d, reinterpret<f32>(<u32>(sums >> 32)) / <f32>d,
      );
    }
  }
}

/**
 * Adds the row to the block's sums and returns sum(h) in the low and sum(h n) in the high half. Summed like
 * rowSum does, but in four lanes, because the loop has two more sums per element.
 */
function sumRow(
  x: usize, gamma: usize, dy: usize, gammaSums: usize, betaSums: usize, d: i32, mean: f32, rstd: f32,
): u64 {
  const zero = f32x4.splat(0);
  const center = f32x4.splat(mean);
  const factor = f32x4.splat(rstd);
  let total: f32 = 0;
  let weighted: f32 = 0;
  for (let start = 0; start < d; start += sumBlock) {
    const end = min(d, start + sumBlock);
    let h = zero;
    let hNormal = zero;
    let i = start;
    for (; i <= end - 4; i += 4) {
      const normal = f32x4.mul(f32x4.sub(v128.load(at(x, i)), center), factor);
      const cotangent = v128.load(at(dy, i));
      const scaled = f32x4.mul(cotangent, v128.load(at(gamma, i)));
      h = f32x4.add(h, scaled);
      hNormal = multiplyAdd(hNormal, scaled, normal);
      v128.store(at(gammaSums, i), multiplyAdd(v128.load(at(gammaSums, i)), cotangent, normal));
      v128.store(at(betaSums, i), f32x4.add(v128.load(at(betaSums, i)), cotangent));
    }
    if (i < end) {
      const normal = f32x4.mul(f32x4.sub(loadFour(x, i, end, center), center), factor);
      const cotangent = loadFour(dy, i, end, zero);
      const scaled = f32x4.mul(cotangent, loadFour(gamma, i, end, zero));
      h = f32x4.add(h, scaled);
      hNormal = multiplyAdd(hNormal, scaled, normal);
      const used = end - i;
      storeLanes(at(gammaSums, i), multiplyAdd(loadFour(gammaSums, i, end, zero), cotangent, normal), used);
      storeLanes(at(betaSums, i), f32x4.add(loadFour(betaSums, i, end, zero), cotangent), used);
    }
    total += sumLanes(h);
    weighted += sumLanes(hNormal);
  }
  return <u64>reinterpret<u32>(total) | ((<u64>reinterpret<u32>(weighted)) << 32);
}

function differentiateRow(
  x: usize, gamma: usize, dy: usize, dx: usize, d: i32, mean: f32, rstd: f32, meanH: f32, meanHNormal: f32,
): void {
  for (let i = 0; i < d; i += 4) {
    const whole = i <= d - 4;
    const center = f32x4.splat(mean);
    const normal = f32x4.mul(f32x4.sub(loadFour(x, i, d, center), center), f32x4.splat(rstd));
    const zero = f32x4.splat(0);
    const h = f32x4.mul(loadFour(dy, i, d, zero), loadFour(gamma, i, d, zero));
    const centered = f32x4.sub(h, f32x4.splat(meanH));
    const straightened = f32x4.sub(centered, f32x4.mul(normal, f32x4.splat(meanHNormal)));
    const result = f32x4.mul(straightened, f32x4.splat(rstd));
    if (whole) v128.store(at(dx, i), result);
    else storeLanes(at(dx, i), result, d - i);
  }
}
