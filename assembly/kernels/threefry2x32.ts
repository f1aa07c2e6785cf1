import { threefryBlock, threefryEight } from "../support/threefry";
import { alignedShareStart, at, buffer, immediate } from "../support/words";

/** Buffers: k0, k1, c0, c1, out0, out1 (u32). Immediates: count. Element by element. */
export function threefry2x32(args: usize, part: i32, parts: i32): void {
  const k0 = buffer(args, 0);
  const k1 = buffer(args, 1);
  const c0 = buffer(args, 2);
  const c1 = buffer(args, 3);
  const out0 = buffer(args, 4);
  const out1 = buffer(args, 5);
  const count = immediate(args, 6);
  let i = alignedShareStart(count, part, parts, 8);
  const end = alignedShareStart(count, part + 1, parts, 8);
  for (; i <= end - 8; i += 8) {
    threefryEight(
      v128.load(at(k0, i)), v128.load(at(k1, i)), v128.load(at(c0, i)), v128.load(at(c1, i)),
      v128.load(at(k0, i), 16), v128.load(at(k1, i), 16), v128.load(at(c0, i), 16), v128.load(at(c1, i), 16),
      at(out0, i), at(out1, i), false,
    );
  }
  for (; i < end; i++) {
    const block = threefryBlock(
      load<i32>(at(k0, i)), load<i32>(at(k1, i)), load<i32>(at(c0, i)), load<i32>(at(c1, i)),
    );
    store<u32>(at(out0, i), <u32>block);
    store<u32>(at(out1, i), <u32>(block >> 32));
  }
}
