import { clampIndex } from "../support/rows";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: buckets i32[rows, L], order i32[rows, L], inverse i32[rows, L], workspace (slots * numBuckets
 * words). Immediates: rows, L, numBuckets, slots. Stable counting sort of each row: order[s] is the token at
 * slot s, inverse[token] its slot. Buckets are clamped to [0, numBuckets). Parts from `slots` on do nothing.
 */
export function bucketSort(args: usize, part: i32, parts: i32): void {
  const rows = immediate(args, 4);
  const length = immediate(args, 5);
  const numBuckets = immediate(args, 6);
  const workers = min(parts, immediate(args, 7));
  if (part >= workers) return;
  const counts = at(buffer(args, 3), part * numBuckets);
  const end = shareStart(rows, part + 1, workers);
  for (let row = shareStart(rows, part, workers); row < end; row++) {
    const offset = row * length;
    countingSort(
      at(buffer(args, 0), offset), at(buffer(args, 1), offset), at(buffer(args, 2), offset),
      counts, length, numBuckets,
    );
  }
}

function countingSort(
  buckets: usize, order: usize, inverse: usize, counts: usize, length: i32, numBuckets: i32,
): void {
  memory.fill(counts, 0, (<usize>numBuckets) << 2);
  for (let token = 0; token < length; token++) {
    const count = at(counts, clampIndex(load<i32>(at(buckets, token)), numBuckets));
    store<i32>(count, load<i32>(count) + 1);
  }
  let slot = 0;
  for (let bucket = 0; bucket < numBuckets; bucket++) {
    const count = load<i32>(at(counts, bucket));
    store<i32>(at(counts, bucket), slot);
    slot += count;
  }
  for (let token = 0; token < length; token++) {
    const next = at(counts, clampIndex(load<i32>(at(buckets, token)), numBuckets));
    const target = load<i32>(next);
    store<i32>(next, target + 1);
    store<i32>(at(order, target), token);
    store<i32>(at(inverse, token), target);
  }
}
