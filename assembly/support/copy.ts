import { at } from "./words";

/** Above this many words the engine's memory.copy is faster than a loop: its call costs about 30 ns. */
const bulkWords = 1024;

/** Copies `count` words; the ranges are equal or do not overlap. */
export function copyRun(out: usize, from: usize, count: i32): void {
  if (out == from) return;
  if (count >= bulkWords) {
    memory.copy(out, from, (<usize>count) << 2);
    return;
  }
  let i = 0;
  for (; i <= count - 16; i += 16) {
    const source = at(from, i);
    const target = at(out, i);
    const a = v128.load(source);
    const b = v128.load(source, 16);
    const c = v128.load(source, 32);
    const d = v128.load(source, 48);
    v128.store(target, a);
    v128.store(target, b, 16);
    v128.store(target, c, 32);
    v128.store(target, d, 48);
  }
  for (; i <= count - 4; i += 4) v128.store(at(out, i), v128.load(at(from, i)));
  for (; i < count; i++) store<u32>(at(out, i), load<u32>(at(from, i)));
}

/** Writes `count` words of the same bits. */
export function fillRun(out: usize, bits: i32, count: i32): void {
  const lanes = i32x4.splat(bits);
  let i = 0;
  for (; i <= count - 8; i += 8) {
    v128.store(at(out, i), lanes);
    v128.store(at(out, i), lanes, 16);
  }
  for (; i < count; i++) store<i32>(at(out, i), bits);
}
