import type { Interval } from "./liveness.ts";

/** Something that needs bytes, a multiple of the alignment, while it is alive. */
export interface Block extends Interval {
  readonly bytes: number;
}

export interface Placement {
  /** Byte offset of each block. */
  readonly offsets: readonly number[];
  /** Bytes in all. */
  readonly total: number;
  /** The largest sum of the bytes of blocks alive at one moment: no total can be smaller. */
  readonly bound: number;
}

/** Orders that are tried; placing is quadratic, so large plans get fewer. */
const mostAttempts = 1024;
const comparedBlocks = 8_000_000;
/** Close enough to the bound to stop trying. */
const tolerance = 1.005;

/**
 * Offsets for blocks so that blocks that are alive together never overlap: each takes the tightest
 * gap, or the end. The blocks are placed in several orders (large first, long-lived first, in order
 * of birth), then in the best order with one block moved: whatever ended up on top to the front, or
 * any block anywhere; a move that makes the total larger is taken back. See Pisarchyk and Lee,
 * "Efficient memory management for deep neural net inference", 2020, for the greedy by size.
 */
export function placeBlocks(blocks: readonly Block[]): Placement {
  const bound = largestSum(blocks);
  let best = placeInOrder(blocks, sortedBy(blocks, bySize));
  for (const compare of otherOrders) {
    if (best.total <= bound) break;
    best = smaller(best, placeInOrder(blocks, sortedBy(blocks, compare)));
  }
  const below = numbersBelow(1);
  const attempts = Math.min(
    mostAttempts,
    Math.floor(comparedBlocks / (blocks.length * blocks.length)),
  );
  for (let i = 0; i < attempts && best.total > tolerance * bound; i++) {
    const next = placeInOrder(blocks, i % 8 === 0 ? topFirst(blocks, best) : oneMoved(best, below));
    if (next.total <= best.total) best = next;
  }
  return { offsets: best.offsets, total: best.total, bound };
}

interface Attempt {
  /** Blocks in the order in which they were placed. */
  readonly order: readonly number[];
  readonly offsets: readonly number[];
  readonly total: number;
}

const smaller = (a: Attempt, b: Attempt): Attempt => (b.total < a.total ? b : a);

const sortedBy = (blocks: readonly Block[], compare: Order): readonly number[] =>
  blocks.map((_, i) => i).sort((a, b) => compare(blocks[a], blocks[b]) || a - b);

/** The order of an attempt, but the block that reaches the top comes first. */
function topFirst(blocks: readonly Block[], { order, offsets, total }: Attempt): readonly number[] {
  const top = order.findIndex((i) => blocks[i].bytes > 0 && offsets[i] + blocks[i].bytes === total);
  return moved(order, top, 0);
}

const oneMoved = ({ order }: Attempt, below: (n: number) => number): readonly number[] =>
  moved(order, below(order.length), below(order.length));

function moved(order: readonly number[], from: number, to: number): readonly number[] {
  const result = order.toSpliced(from, 1);
  result.splice(to, 0, order[from]);
  return result;
}

/** A linear congruential generator: the same plan every time. */
function numbersBelow(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x100000000) * n);
  };
}

type Order = (a: Block, b: Block) => number;

const bySize: Order = (a, b) => b.bytes - a.bytes || a.start - b.start;
const byBirth: Order = (a, b) => a.start - b.start || b.bytes - a.bytes;
const byDeath: Order = (a, b) => b.end - a.end || b.bytes - a.bytes;
const byArea: Order = (a, b) =>
  b.bytes * (b.end - b.start + 1) - a.bytes * (a.end - a.start + 1) || a.start - b.start;
const byLifetime: Order = (a, b) => b.end - b.start - (a.end - a.start) || b.bytes - a.bytes;
const otherOrders: readonly Order[] = [byArea, byLifetime, byBirth, byDeath];

function placeInOrder(blocks: readonly Block[], order: readonly number[]): Attempt {
  const offsets = new Array<number>(blocks.length).fill(0);
  /** Placed blocks by offset. */
  const placed: number[] = [];
  let total = 0;
  for (const index of order) {
    const block = blocks[index];
    const bytes = block.bytes;
    if (bytes === 0) continue;
    const offset = tightestGap(blocks, offsets, placed, block, bytes);
    offsets[index] = offset;
    total = Math.max(total, offset + bytes);
    insertByOffset(placed, offsets, index);
  }
  return { order, offsets, total };
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
    free = Math.max(free, offsets[other] + otherBytes);
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

/** The largest sum of the bytes of blocks that are alive together. */
export const largestSum = (blocks: readonly Block[]): number => highestMoment(blocks).bytes;

/** When the most bytes are alive, and how many. */
export function highestMoment(blocks: readonly Block[]): {
  readonly time: number;
  readonly bytes: number;
} {
  const births = blocks.map((_, i) => i).sort((a, b) => blocks[a].start - blocks[b].start);
  const deaths = blocks.map((_, i) => i).sort((a, b) => blocks[a].end - blocks[b].end);
  let peak = { time: -1, bytes: 0 };
  let sum = 0;
  let dead = 0;
  for (const index of births) {
    const time = blocks[index].start;
    for (; dead < deaths.length && blocks[deaths[dead]].end < time; dead++) {
      sum -= blocks[deaths[dead]].bytes;
    }
    sum += blocks[index].bytes;
    if (sum > peak.bytes) peak = { time, bytes: sum };
  }
  return peak;
}
