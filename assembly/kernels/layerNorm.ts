/** Layer normalisation (Ba et al. 2016) in two passes over a row: the mean, then the squares of the differences from it. */
import { multiplyAdd } from "../support/multiplyAdd";
import { storeLanes } from "../support/reduction";
import { loadFour, rowSquares, rowSum } from "../support/rowSums";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: x, gamma, beta, y, mean, rstd. Immediates: rows, d, epsBits.
 * y = (x - mean) * rstd * gamma + beta with rstd = 1 / sqrt(var + eps); y may be x.
 */
export function layerNorm(args: usize, part: i32, parts: i32): void {
  const gamma = buffer(args, 1);
  const beta = buffer(args, 2);
  const means = buffer(args, 4);
  const rstds = buffer(args, 5);
  const rows = immediate(args, 6);
  const d = immediate(args, 7);
  const epsilon = reinterpret<f32>(immediate(args, 8));
  const end = shareStart(rows, part + 1, parts);
  for (let row = shareStart(rows, part, parts); row < end; row++) {
    const x = at(buffer(args, 0), row * d);
    const mean = rowSum(x, d) / <f32>d;
    const rstd: f32 = 1 / sqrt<f32>(rowSquares(x, d, mean) / <f32>d + epsilon);
    store<f32>(at(means, row), mean);
    store<f32>(at(rstds, row), rstd);
    normalizeRow(x, gamma, beta, at(buffer(args, 3), row * d), d, mean, rstd);
  }
}

function normalizeRow(x: usize, gamma: usize, beta: usize, y: usize, d: i32, mean: f32, rstd: f32): void {
  const center = f32x4.splat(mean);
  const factor = f32x4.splat(rstd);
  let i = 0;
  for (; i <= d - 4; i += 4) {
    const normal = f32x4.mul(f32x4.sub(v128.load(at(x, i)), center), factor);
    v128.store(at(y, i), multiplyAdd(v128.load(at(beta, i)), normal, v128.load(at(gamma, i))));
  }
  if (i == d) return;
  const zero = f32x4.splat(0);
  const normal = f32x4.mul(f32x4.sub(loadFour(x, i, d, center), center), factor);
  storeLanes(at(y, i), multiplyAdd(loadFour(beta, i, d, zero), normal, loadFour(gamma, i, d, zero)), d - i);
}
