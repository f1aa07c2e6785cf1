/** Running sums of contiguous elements: the four leaves of a node at a time, one in each lane. */
import { branchRows, EXCLUSIVE, FAN, NODE, TOTALS } from "./runningModes";
import { at } from "./words";

/** Sums of a node from `base`, forwards or backwards from `input`; returns what it comes to without it. */
export function sumRow<T extends number>(
  mode: i32, input: usize, out: usize, rows: i32, reverse: bool, base: T,
): T {
  if (rows == NODE && mode != EXCLUSIVE) {
    const from = reverse ? -3 : 0;
    return sumFourLeaves<T>(mode, at(input, from), at(out, from), reverse, base);
  }
  if (rows <= NODE) return sumLeaves<T>(mode, input, out, rows, reverse, base);
  const branch = branchRows(rows);
  let total: T = <T>0;
  let row = 0;
  if (branch == NODE && mode != EXCLUSIVE) {
    for (; row <= rows - NODE; row += NODE) {
      const from = reverse ? -row - 3 : row;
      total += sumFourLeaves<T>(mode, at(input, from), at(out, from), reverse, <T>(base + total));
    }
  }
  for (; row < rows; row += branch) {
    const from = reverse ? -row : row;
    const count = min(branch, rows - row);
    total += sumRow<T>(mode, at(input, from), at(out, from), count, reverse, <T>(base + total));
  }
  return total;
}

/** A node of up to four leaves, element by element, in every mode. */
function sumLeaves<T extends number>(mode: i32, input: usize, out: usize, rows: i32, reverse: bool, base: T): T {
  const step: i32 = reverse ? -4 : 4;
  const stride = <usize>step;
  let total: T = <T>0;
  for (let row = 0; row < rows; ) {
    const before = <T>(base + total);
    let sum: T = <T>0;
    for (const end = min(row + FAN, rows); row < end; row++) {
      const next = <T>(sum + load<T>(input));
      if (mode != TOTALS) store<T>(out, <T>(before + (mode == EXCLUSIVE ? sum : next)));
      sum = next;
      input += stride;
      out += stride;
    }
    total += sum;
  }
  return total;
}

/** A full node from `base`; returns what it comes to without it. Backwards, leaves follow one another downwards from the four words at `input`. */
// @ts-ignore: decorator
@inline
function sumFourLeaves<T extends number>(mode: i32, input: usize, out: usize, reverse: bool, base: T): T {
  const leaf = reverse ? -FAN : FAN;
  const a = v128.load(input);
  const b = v128.load(at(input, leaf));
  const c = v128.load(at(input, 2 * leaf));
  const d = v128.load(at(input, 3 * leaf));
  const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  // Lane j of these has elements of leaf j, by their address.
  let first = v128.shuffle<i64>(abLow, cdLow, 0, 2);
  let second = v128.shuffle<i64>(abLow, cdLow, 1, 3);
  let third = v128.shuffle<i64>(abHigh, cdHigh, 0, 2);
  let fourth = v128.shuffle<i64>(abHigh, cdHigh, 1, 3);
  const zero = i32x4.splat(0);
  if (reverse) {
    fourth = v128.add<T>(zero, fourth);
    third = v128.add<T>(fourth, third);
    second = v128.add<T>(third, second);
    first = v128.add<T>(second, first);
  } else {
    first = v128.add<T>(zero, first);
    second = v128.add<T>(first, second);
    third = v128.add<T>(second, third);
    fourth = v128.add<T>(third, fourth);
  }
  const sums = reverse ? first : fourth;
  const one = v128.extract_lane<T>(sums, 0);
  const two = <T>(one + v128.extract_lane<T>(sums, 1));
  const three = <T>(two + v128.extract_lane<T>(sums, 2));
  const four = <T>(three + v128.extract_lane<T>(sums, 3));
  if (mode == TOTALS) return four;
  let among = v128.replace_lane<T>(zero, 1, one);
  among = v128.replace_lane<T>(among, 2, two);
  among = v128.replace_lane<T>(among, 3, three);
  const before = v128.add<T>(v128.splat<T>(base), among);
  first = v128.add<T>(before, first);
  second = v128.add<T>(before, second);
  third = v128.add<T>(before, third);
  fourth = v128.add<T>(before, fourth);
  const low = v128.shuffle<i32>(first, second, 0, 4, 1, 5);
  const lowEnd = v128.shuffle<i32>(third, fourth, 0, 4, 1, 5);
  const high = v128.shuffle<i32>(first, second, 2, 6, 3, 7);
  const highEnd = v128.shuffle<i32>(third, fourth, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(low, lowEnd, 0, 2));
  v128.store(at(out, leaf), v128.shuffle<i64>(low, lowEnd, 1, 3));
  v128.store(at(out, 2 * leaf), v128.shuffle<i64>(high, highEnd, 0, 2));
  v128.store(at(out, 3 * leaf), v128.shuffle<i64>(high, highEnd, 1, 3));
  return four;
}
