/** Copying words whose strides differ. */
import { at } from "./words";

/** out[i * outStep] = in[i * inStep]. */
export function copySteps(input: usize, out: usize, count: i32, inStep: i32, outStep: i32): void {
  const inBytes = (<usize>inStep) << 2;
  const outBytes = (<usize>outStep) << 2;
  let i = 0;
  for (; i <= count - 4; i += 4) {
    const a = load<u32>(input);
    const b = load<u32>(input + inBytes);
    const c = load<u32>(input + 2 * inBytes);
    const d = load<u32>(input + 3 * inBytes);
    store<u32>(out, a);
    store<u32>(out + outBytes, b);
    store<u32>(out + 2 * outBytes, c);
    store<u32>(out + 3 * outBytes, d);
    input += 4 * inBytes;
    out += 4 * outBytes;
  }
  for (; i < count; i++) {
    store<u32>(out, load<u32>(input));
    input += inBytes;
    out += outBytes;
  }
}

/** Columns that are transposed together: a strip reads whole cache lines and keeps the output lines that it fills in the first-level cache. */
const strip: i32 = 16;

/** out[column * columnStep + row] = in[row * rowStep + column]. */
export function transpose(input: usize, out: usize, rows: i32, rowStep: i32, columns: i32, columnStep: i32): void {
  let column = 0;
  for (; column <= columns - strip; column += strip) {
    transposeStrip(at(input, column), at(out, column * columnStep), rows, rowStep, columnStep);
  }
  if (column < columns) transposeRest(at(input, column), at(out, column * columnStep), rows, rowStep, columns - column, columnStep);
}

function transposeStrip(input: usize, out: usize, rows: i32, rowStep: i32, columnStep: i32): void {
  const inBytes = (<usize>rowStep) << 2;
  const outBytes = (<usize>columnStep) << 2;
  let row = 0;
  for (; row <= rows - 4; row += 4) {
    const row1 = input + inBytes;
    const row2 = row1 + inBytes;
    const row3 = row2 + inBytes;
    let target = out;
    target = transpose4x4(input, row1, row2, row3, target, outBytes);
    target = transpose4x4(input + 16, row1 + 16, row2 + 16, row3 + 16, target, outBytes);
    target = transpose4x4(input + 32, row1 + 32, row2 + 32, row3 + 32, target, outBytes);
    target = transpose4x4(input + 48, row1 + 48, row2 + 48, row3 + 48, target, outBytes);
    input = row3 + inBytes;
    out += 16;
  }
  for (; row < rows; row++) {
    copySteps(input, out, strip, 1, columnStep);
    input += inBytes;
    out += 4;
  }
}

/** Fewer columns than a strip has. */
function transposeRest(input: usize, out: usize, rows: i32, rowStep: i32, columns: i32, columnStep: i32): void {
  const inBytes = (<usize>rowStep) << 2;
  let row = 0;
  for (; row <= rows - 4; row += 4) {
    let column = 0;
    for (; column <= columns - 4; column += 4) {
      const row0 = at(input, row * rowStep + column);
      const row1 = row0 + inBytes;
      const row2 = row1 + inBytes;
      transpose4x4(row0, row1, row2, row2 + inBytes, at(out, column * columnStep + row), (<usize>columnStep) << 2);
    }
    for (; column < columns; column++) {
      copySteps(at(input, row * rowStep + column), at(out, column * columnStep + row), 4, rowStep, 1);
    }
  }
  for (; row < rows; row++) copySteps(at(input, row * rowStep), at(out, row), columns, 1, columnStep);
}

/** Four rows of four words become four columns, `step` bytes apart; returns where a fifth one would lie. */
// @ts-ignore: decorator
@inline
export function transpose4x4(row0: usize, row1: usize, row2: usize, row3: usize, out: usize, step: usize): usize {
  const a = v128.load(row0);
  const b = v128.load(row1);
  const c = v128.load(row2);
  const d = v128.load(row3);
  const ab01 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab23 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd23 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(ab01, cd01, 0, 2));
  out += step;
  v128.store(out, v128.shuffle<i64>(ab01, cd01, 1, 3));
  out += step;
  v128.store(out, v128.shuffle<i64>(ab23, cd23, 0, 2));
  out += step;
  v128.store(out, v128.shuffle<i64>(ab23, cd23, 1, 3));
  return out + step;
}
