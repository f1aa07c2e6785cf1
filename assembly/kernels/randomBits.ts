import { threefryBlock, threefryEight } from "../support/threefry";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: key u32[batch, 2], out u32[batch, count]. Immediates: batch, count. Word i of a stream is
 * x0 ^ x1 of the block with counter (0, i), so any share of it can be made alone.
 */
export function randomBits(args: usize, part: i32, parts: i32): void {
  const keys = buffer(args, 0);
  const out = buffer(args, 1);
  const count = immediate(args, 3);
  const total = immediate(args, 2) * count;
  let from = shareStart(total, part, parts);
  const to = shareStart(total, part + 1, parts);
  while (from < to) {
    const stream = from / count;
    const first = from - stream * count;
    const end = min(count, first + to - from);
    const key = at(keys, 2 * stream);
    streamRange(load<i32>(key), load<i32>(key, 4), at(out, stream * count), first, end);
    from += end - first;
  }
}

function streamRange(k0: i32, k1: i32, out: usize, first: i32, end: i32): void {
  const key0 = i32x4.splat(k0);
  const key1 = i32x4.splat(k1);
  const zero = i32x4.splat(0);
  const lanes = i32x4(0, 1, 2, 3);
  const four = i32x4.splat(4);
  let i = first;
  for (; i <= end - 8; i += 8) {
    const low = i32x4.add(i32x4.splat(i), lanes);
    threefryEight(key0, key1, zero, low, key0, key1, zero, i32x4.add(low, four), at(out, i), 0, true);
  }
  for (; i < end; i++) {
    const block = threefryBlock(k0, k1, 0, i);
    store<u32>(at(out, i), <u32>block ^ <u32>(block >> 32));
  }
}
