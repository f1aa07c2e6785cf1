/**
 * Sums over contiguous rows. A fixed number of lanes runs over at most `sumBlock` elements, the lanes are added as a tree and the
 * blocks in order: the order depends on the length alone.
 */
import { multiplyAdd } from "./multiplyAdd";
import { loadTail } from "./reduction";
import { at } from "./words";

/** Elements that are summed before their sum joins the others. */
// @ts-ignore: decorator
@inline
export const sumBlock: i32 = 1024;

/** Lanes 0 to 3 as a tree. */
// @ts-ignore: decorator
@inline
export function sumLanes(sums: v128): f32 {
  return f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) +
    (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
}

// @ts-ignore: decorator
@inline
export function maxLanes(lanes: v128): f32 {
  const low = max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
  return max(low, max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)));
}

/** Four words at word `i` of a row of `n`, or its last one to three with `neutral` behind. */
// @ts-ignore: decorator
@inline
export function loadFour(row: usize, i: i32, n: i32, neutral: v128): v128 {
  return i <= n - 4 ? v128.load(at(row, i)) : loadTail(at(row, i), n - i, neutral);
}

/** The sum of a row. */
export function rowSum(row: usize, n: i32): f32 {
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
      s0 = f32x4.add(s0, v128.load(at(row, i)));
      s1 = f32x4.add(s1, v128.load(at(row, i), 16));
      s2 = f32x4.add(s2, v128.load(at(row, i), 32));
      s3 = f32x4.add(s3, v128.load(at(row, i), 48));
    }
    for (; i < end; i += 4) s0 = f32x4.add(s0, loadFour(row, i, end, zero));
    total += sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  return total;
}

/** The sum of (x - center)^2 over a row. */
export function rowSquares(row: usize, n: i32, center: f32): f32 {
  const zero = f32x4.splat(0);
  const middle = f32x4.splat(center);
  let total: f32 = 0;
  for (let start = 0; start < n; start += sumBlock) {
    const end = min(n, start + sumBlock);
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let i = start;
    for (; i <= end - 16; i += 16) {
      const a = f32x4.sub(v128.load(at(row, i)), middle);
      const b = f32x4.sub(v128.load(at(row, i), 16), middle);
      const c = f32x4.sub(v128.load(at(row, i), 32), middle);
      const d = f32x4.sub(v128.load(at(row, i), 48), middle);
      s0 = multiplyAdd(s0, a, a);
      s1 = multiplyAdd(s1, b, b);
      s2 = multiplyAdd(s2, c, c);
      s3 = multiplyAdd(s3, d, d);
    }
    for (; i < end; i += 4) {
      const rest = f32x4.sub(loadFour(row, i, end, middle), middle);
      s0 = multiplyAdd(s0, rest, rest);
    }
    total += sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  }
  return total;
}

/** The sum of a[i] b[i] over a row. */
export function rowDot(a: usize, b: usize, n: i32): f32 {
  const zero = f32x4.splat(0);
  let total: f32 = 0;
  for (let start = 0; start < n; start += sumBlock) {
    const end = min(n, start + sumBlock);
    let s0 = zero;
    let s1 = zero;
    let i = start;
    for (; i <= end - 8; i += 8) {
      s0 = multiplyAdd(s0, v128.load(at(a, i)), v128.load(at(b, i)));
      s1 = multiplyAdd(s1, v128.load(at(a, i), 16), v128.load(at(b, i), 16));
    }
    for (; i < end; i += 4) s0 = multiplyAdd(s0, loadFour(a, i, end, zero), loadFour(b, i, end, zero));
    total += sumLanes(f32x4.add(s0, s1));
  }
  return total;
}
