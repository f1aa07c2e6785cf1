import type { Interval } from "./liveness.ts";

/** Something that needs bytes while it is alive. */
export interface Block extends Interval {
  readonly bytes: number;
}

export interface Placement {
  /** Byte offset of each block. */
  readonly offsets: readonly number[];
  /** Bytes in all. */
  readonly total: number;
}

export const alignment = 16;

export const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/**
 * Offsets for blocks so that blocks that are alive together never overlap: each takes the tightest
 * gap, or the end. The blocks are placed in several orders (large first, long-lived first, in order
 * of birth) and the smallest total wins; see Pisarchyk and Lee, "Efficient memory management for
 * deep neural net inference", 2020, for the greedy by size.
 */
export function placeBlocks(blocks: readonly Block[]): Placement {
  const bound = largestSum(blocks);
  let best: Placement | undefined;
  for (const compare of orders) {
    const placement = placeInOrder(blocks, compare);
    if (!best || placement.total < best.total) best = placement;
    if (best.total <= bound) break;
  }
  return best ?? { offsets: [], total: 0 };
}

type Order = (a: Block, b: Block) => number;

const bySize: Order = (a, b) => b.bytes - a.bytes || a.start - b.start;
const byBirth: Order = (a, b) => a.start - b.start || b.bytes - a.bytes;
const byDeath: Order = (a, b) => b.end - a.end || b.bytes - a.bytes;
const byArea: Order = (a, b) =>
  b.bytes * (b.end - b.start + 1) - a.bytes * (a.end - a.start + 1) || a.start - b.start;
const byLifetime: Order = (a, b) => b.end - b.start - (a.end - a.start) || b.bytes - a.bytes;
const orders: readonly Order[] = [bySize, byArea, byLifetime, byBirth, byDeath];

function placeInOrder(blocks: readonly Block[], compare: Order): Placement {
  const offsets = new Array<number>(blocks.length).fill(0);
  const indices = blocks.map((_, i) => i).sort((a, b) => compare(blocks[a], blocks[b]) || a - b);
  /** Placed blocks by offset. */
  const placed: number[] = [];
  let total = 0;
  for (const index of indices) {
    const block = blocks[index];
    const bytes = align(block.bytes);
    if (bytes === 0) continue;
    const offset = tightestGap(blocks, offsets, placed, block, bytes);
    offsets[index] = offset;
    total = Math.max(total, offset + bytes);
    insertByOffset(placed, offsets, index);
  }
  return { offsets, total };
}

function tightestGap(
  blocks: readonly Block[],
  offsets: readonly number[],
  placed: readonly number[],
  block: Block,
  bytes: number,
): number {
  let best = -1;
  let bestSize = Number.POSITIVE_INFINITY;
  let free = 0;
  for (const other of placed) {
    const { start, end, bytes: otherBytes } = blocks[other];
    if (start > block.end || end < block.start) continue;
    const gap = offsets[other] - free;
    if (gap >= bytes && gap < bestSize) {
      best = free;
      bestSize = gap;
    }
    free = Math.max(free, offsets[other] + align(otherBytes));
  }
  return best >= 0 ? best : free;
}

function insertByOffset(placed: number[], offsets: readonly number[], index: number): void {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[placed[middle]] <= offsets[index]) low = middle + 1;
    else high = middle;
  }
  placed.splice(low, 0, index);
}

/** The largest sum of the bytes of blocks that are alive together: no placement can be smaller. */
export function largestSum(blocks: readonly Block[]): number {
  return liveSums(blocks).reduce((largest, { bytes }) => Math.max(largest, bytes), 0);
}

/** The moments at which blocks are born, with the bytes alive then. */
export function liveSums(
  blocks: readonly Block[],
): readonly { readonly time: number; readonly bytes: number }[] {
  const events = blocks
    .flatMap(({ start, end, bytes }) => [
      { time: start, bytes: align(bytes) },
      { time: end + 1, bytes: -align(bytes) },
    ])
    // At one moment the dead leave before the new arrive.
    .sort((a, b) => a.time - b.time || a.bytes - b.bytes);
  let sum = 0;
  return events.map(({ time, bytes }) => ({ time, bytes: (sum += bytes) }));
}
