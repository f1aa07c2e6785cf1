/**
 * Stable ascending sort of rows: insertion for short ones, else a radix sort by bytes, least significant
 * first, of keys that are mapped to unsigned order. Passes in which all keys have the same byte are skipped.
 */
import { at, buffer, immediate, shareStart } from "../support/words";

// @ts-ignore: decorator
@inline
const insertionLength: i32 = 48;
/** Four histograms of 256 counts. */
// @ts-ignore: decorator
@inline
const histogramWords: i32 = 1024;

/**
 * Buffers: in, outKeys, outIndices (i32), workspace (slots * (2 * length + 1024) words). Immediates: rows,
 * length, type (0 f32, 1 i32, 2 u32), slots. -0 equals +0, NaN comes last. Parts from `slots` on do nothing.
 */
export function sortRows(args: usize, part: i32, parts: i32): void {
  const rows = immediate(args, 4);
  const length = immediate(args, 5);
  const type = immediate(args, 6);
  const workers = min(parts, immediate(args, 7));
  if (part >= workers) return;
  const keys = at(buffer(args, 3), part * (2 * length + histogramWords));
  const end = shareStart(rows, part + 1, workers);
  for (let row = shareStart(rows, part, workers); row < end; row++) {
    const input = at(buffer(args, 0), row * length);
    const outKeys = at(buffer(args, 1), row * length);
    const outIndices = at(buffer(args, 2), row * length);
    if (length <= insertionLength) insertionSort(input, outKeys, outIndices, length, type);
    else radixSort(input, outKeys, outIndices, keys, length, type);
    // The keys themselves, so that -0 and the bits of a NaN come through.
    for (let i = 0; i < length; i++) {
      store<u32>(at(outKeys, i), load<u32>(at(input, load<i32>(at(outIndices, i)))));
    }
  }
}

/** Unsigned key in the order of the values. */
// @ts-ignore: decorator
@inline
function orderedKey(bits: u32, type: i32): u32 {
  if (type == 2) return bits;
  if (type == 1) return bits ^ 0x80000000;
  if ((bits & 0x7fffffff) > 0x7f800000) return 0xffffffff;
  if (bits == 0x80000000) return 0x80000000;
  return bits & 0x80000000 ? ~bits : bits | 0x80000000;
}

function insertionSort(input: usize, keys: usize, indices: usize, length: i32, type: i32): void {
  for (let i = 0; i < length; i++) {
    const key = orderedKey(load<u32>(at(input, i)), type);
    let slot = i;
    while (slot > 0 && load<u32>(at(keys, slot - 1)) > key) {
      store<u32>(at(keys, slot), load<u32>(at(keys, slot - 1)));
      store<i32>(at(indices, slot), load<i32>(at(indices, slot - 1)));
      slot--;
    }
    store<u32>(at(keys, slot), key);
    store<i32>(at(indices, slot), i);
  }
}

/** Sorts keys and indices back and forth between workspace and output; the indices end in the output. */
function radixSort(input: usize, outKeys: usize, outIndices: usize, workspace: usize, length: i32, type: i32): void {
  const histograms = at(workspace, 2 * length);
  memory.fill(histograms, 0, histogramWords << 2);
  for (let i = 0; i < length; i++) {
    const key = orderedKey(load<u32>(at(input, i)), type);
    store<u32>(at(outKeys, i), key);
    store<i32>(at(outIndices, i), i);
    for (let pass = 0; pass < 4; pass++) {
      const count = at(histograms, (pass << 8) + <i32>((key >> (8 * pass)) & 255));
      store<i32>(count, load<i32>(count) + 1);
    }
  }
  let fromKeys = outKeys;
  let fromIndices = outIndices;
  let toKeys = workspace;
  let toIndices = at(workspace, length);
  for (let pass = 0; pass < 4; pass++) {
    const counts = at(histograms, pass << 8);
    const firstByte = <i32>((load<u32>(fromKeys) >> (8 * pass)) & 255);
    if (load<i32>(at(counts, firstByte)) == length) continue;
    radixPass(fromKeys, fromIndices, toKeys, toIndices, counts, length, pass);
    const keys = fromKeys;
    const indices = fromIndices;
    fromKeys = toKeys;
    fromIndices = toIndices;
    toKeys = keys;
    toIndices = indices;
  }
  if (fromIndices != outIndices) memory.copy(outIndices, fromIndices, (<usize>length) << 2);
}

function radixPass(
  fromKeys: usize, fromIndices: usize, toKeys: usize, toIndices: usize, counts: usize, length: i32, pass: i32,
): void {
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = load<i32>(at(counts, byte));
    store<i32>(at(counts, byte), sum);
    sum += count;
  }
  const shift = 8 * pass;
  for (let i = 0; i < length; i++) {
    const key = load<u32>(at(fromKeys, i));
    const next = at(counts, <i32>((key >> shift) & 255));
    const slot = load<i32>(next);
    store<i32>(next, slot + 1);
    store<u32>(at(toKeys, slot), key);
    store<i32>(at(toIndices, slot), load<i32>(at(fromIndices, i)));
  }
}
