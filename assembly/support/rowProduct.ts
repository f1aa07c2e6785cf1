import { multiplyAdd } from "./multiplyAdd";
import { at } from "./words";

/**
 * sums[j] += sum over p of a[p] b[p, j], term by term in the order of p: the order of the register tile, but reading b
 * along its rows, once. Element p of a lies at p aStride words, row p of b at p bRow words.
 */
export function addRowProduct(
  sums: usize, a: usize, aStride: i32, b: usize, bRow: i32, depth: i32, columns: i32,
): void {
  let p = 0;
  // Four rows at a time, to load and store every sum a quarter as often.
  for (; p <= depth - 4; p += 4) {
    addFourRows(sums, a, aStride, b, bRow, columns);
    a = at(a, 4 * aStride);
    b = at(b, 4 * bRow);
  }
  for (; p < depth; p++) {
    addRow(sums, load<f32>(a), b, columns);
    a = at(a, aStride);
    b = at(b, bRow);
  }
}

function addFourRows(sums: usize, a: usize, aStride: i32, b0: usize, bRow: i32, columns: i32): void {
  const b1 = at(b0, bRow);
  const b2 = at(b1, bRow);
  const b3 = at(b2, bRow);
  const a0 = load<f32>(a);
  const a1 = load<f32>(at(a, aStride));
  const a2 = load<f32>(at(a, 2 * aStride));
  const a3 = load<f32>(at(a, 3 * aStride));
  const x0 = f32x4.splat(a0);
  const x1 = f32x4.splat(a1);
  const x2 = f32x4.splat(a2);
  const x3 = f32x4.splat(a3);
  let j = 0;
  for (; j <= columns - 4; j += 4) {
    let sum = multiplyAdd(v128.load(at(sums, j)), x0, v128.load(at(b0, j)));
    sum = multiplyAdd(sum, x1, v128.load(at(b1, j)));
    sum = multiplyAdd(sum, x2, v128.load(at(b2, j)));
    sum = multiplyAdd(sum, x3, v128.load(at(b3, j)));
    v128.store(at(sums, j), sum);
  }
  for (; j < columns; j++) {
    let sum = load<f32>(at(sums, j)) + a0 * load<f32>(at(b0, j));
    sum += a1 * load<f32>(at(b1, j));
    sum += a2 * load<f32>(at(b2, j));
    sum += a3 * load<f32>(at(b3, j));
    store<f32>(at(sums, j), sum);
  }
}

function addRow(sums: usize, a: f32, b: usize, columns: i32): void {
  const x = f32x4.splat(a);
  let j = 0;
  for (; j <= columns - 4; j += 4) {
    v128.store(at(sums, j), multiplyAdd(v128.load(at(sums, j)), x, v128.load(at(b, j))));
  }
  for (; j < columns; j++) store<f32>(at(sums, j), load<f32>(at(sums, j)) + a * load<f32>(at(b, j)));
}
