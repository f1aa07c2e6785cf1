import { at, buffer, immediate, shareStart } from "../support/words";

// @ts-ignore: decorator
@inline
const columnGroup: i32 = 16;

/**
 * Buffers: in, out (may be equal). Immediates: outer, length, inner, op (0 sumF32, 1 sumI32), reverse.
 * Inclusive sums, one element after the other from zero; shares are outer indices and groups of columns.
 */
export function cumulative(args: usize, part: i32, parts: i32): void {
  const input = buffer(args, 0);
  const out = buffer(args, 1);
  const length = immediate(args, 3);
  const inner = immediate(args, 4);
  const isFloat = immediate(args, 5) == 0;
  const reverse = immediate(args, 6) != 0;
  const groups = (inner + columnGroup - 1) / columnGroup;
  const units = immediate(args, 2) * groups;
  const end = shareStart(units, part + 1, parts);
  const first = reverse ? (length - 1) * inner : 0;
  const step = reverse ? -inner : inner;
  for (let unit = shareStart(units, part, parts); unit < end; unit++) {
    const index = unit / groups;
    const groupStart = (unit - index * groups) * columnGroup;
    const columns = min(columnGroup, inner - groupStart);
    const offset = index * length * inner + groupStart + first;
    let column = 0;
    for (; column <= columns - 4; column += 4) {
      const start = offset + column;
      if (isFloat) sumFour<f32>(at(input, start), at(out, start), length, step);
      else sumFour<i32>(at(input, start), at(out, start), length, step);
    }
    for (; column < columns; column++) {
      const start = offset + column;
      if (isFloat) sumOne<f32>(at(input, start), at(out, start), length, step);
      else sumOne<i32>(at(input, start), at(out, start), length, step);
    }
  }
}

function sumFour<T extends number>(input: usize, out: usize, length: i32, step: i32): void {
  const stride = (<usize>step) << 2;
  let sum = i32x4.splat(0);
  for (let i = 0; i < length; i++) {
    sum = v128.add<T>(sum, v128.load(input));
    v128.store(out, sum);
    input += stride;
    out += stride;
  }
}

function sumOne<T extends number>(input: usize, out: usize, length: i32, step: i32): void {
  const stride = (<usize>step) << 2;
  let sum: T = <T>0;
  for (let i = 0; i < length; i++) {
    sum += load<T>(input);
    store<T>(out, sum);
    input += stride;
    out += stride;
  }
}
