/**
 * The window of a new token, as a list of the rows of tokens at its positions: a window has (before + 1 + after) m positions, of which those at
 * [start, end) exist. An entry is a row; the complement of one that is excluded whatever its place; or `NOTHING`, where
 * there is padding or nobody need look.
 */
import { CIRCULAR, SAME_BUCKET } from "../generated/constants";
import { AttentionImmediates } from "./attentionFrame";
import { enterRound, ListWalk, ownSlot, stepBack, stepOn, toBegin, toEnd, toOwn } from "./bucketLists";
import { fillRun } from "./copy";
import { at } from "./words";

// @ts-ignore: decorator
@inline
export const NOTHING: i32 = i32.MIN_VALUE;

/** Behind the immediates of all attention kernels. */
@unmanaged
export class TokenImmediates extends AttentionImmediates {
  whole: i32;
  buckets: i32;
  /** Rows of memory, behind those of the text, and how many of them are seen: all or none. */
  memory: i32;
  seen: i32;
  /** Whether the rows of the text are a ring. */
  ring: i32;
}

/** Rows for tokens of the text. */
export function textRows(sizes: TokenImmediates): i32 {
  return sizes.length - sizes.memory;
}

/** With memory a bucket is two lists: list >> listShift is the bucket. */
export function listShift(sizes: TokenImmediates): i32 {
  return sizes.seen > 0 ? 1 : 0;
}

@unmanaged
export class TokenWindow {
  start: i32;
  end: i32;
  list: usize;
}

/** Of a token in the order of the text: a ring that leads into the future only is none. */
export function orderedWindow(window: TokenWindow, sizes: TokenImmediates, token: i32): void {
  const m = sizes.m;
  const rows = textRows(sizes);
  const chunk = token / m;
  const chunks = chunk + 1;
  const ring = (sizes.flags & CIRCULAR) != 0 && (sizes.after > 0 || sizes.before >= chunks);
  setBounds(window, sizes, ring, chunk, chunks);
  const length = chunks * m;
  for (let i = window.start; i < window.end; i++) {
    let seen = (chunk - sizes.before) * m + i;
    if (ring) {
      seen %= length;
      if (seen < 0) seen += length;
    }
    // Before the last `rows` tokens everything is forgotten.
    store<i32>(at(window.list, i), seen <= token && seen > token - rows ? seen % rows : NOTHING);
  }
}

/** The last `count` tokens up to the own, and memory. */
export function wholeWindow(window: TokenWindow, sizes: TokenImmediates, token: i32, count: i32): void {
  const rows = textRows(sizes);
  window.start = 0;
  window.end = count + sizes.seen;
  let row = (token + 1 - count) % rows;
  for (let i = 0; i < count; i++) {
    store<i32>(at(window.list, i), row);
    row = row + 1 == rows ? 0 : row + 1;
  }
  for (let i = 0; i < sizes.seen; i++) store<i32>(at(window.list, count + i), rows + i);
}

function setBounds(window: TokenWindow, sizes: TokenImmediates, ring: bool, chunk: i32, chunks: i32): void {
  const whole = sizes.before + 1 + sizes.after;
  window.start = ring ? 0 : max(0, sizes.before - chunk) * sizes.m;
  window.end = (ring ? whole : min(whole, chunks - chunk + sizes.before)) * sizes.m;
}

/** Of a token sorted by bucket in a round of a group; `walk` is in that round. */
export function sortedWindow(
  window: TokenWindow, sizes: TokenImmediates, walk: ListWalk, links: usize, ends: usize, buckets: usize, group: i32,
  round: i32,
): void {
  const m = sizes.m;
  const token = walk.token;
  const chunks = walk.listed / m + 1;
  const slot = ownSlot(walk);
  const chunk = slot / m;
  const ring = (sizes.flags & CIRCULAR) != 0;
  setBounds(window, sizes, ring, chunk, chunks);
  const own = sizes.before * m + slot - chunk * m;
  const padding = chunks * m - walk.listed - 1;
  fillRun(at(window.list, window.start), NOTHING, window.end - window.start);
  store<i32>(at(window.list, own), token);
  const first = group * sizes.rounds;
  // Without a ring all that other buckets hold is excluded.
  const onlyOwn = !ring && (sizes.flags & SAME_BUCKET) != 0;
  const shift = listShift(sizes);

  let seenRound = round;
  toOwn(walk);
  for (let i = own - 1; i >= window.start; ) {
    const next = stepBack(walk);
    if (onlyOwn && walk.bucket >> shift != walk.own >> shift) break;
    if (next >= 0) {
      store<i32>(at(window.list, i--), entry(sizes, next, seenRound != round));
      continue;
    }
    seenRound = (seenRound + sizes.rounds - 1) % sizes.rounds;
    enterRingRound(sizes, walk, links, ends, buckets, first, seenRound);
    toEnd(walk);
    i -= padding;
  }

  seenRound = round;
  enterRingRound(sizes, walk, links, ends, buckets, first, round);
  toOwn(walk);
  for (let i = own + 1; i < window.end; ) {
    // The new token is the last one of its bucket, but for memory.
    if (onlyOwn && shift == 0) break;
    const next = stepOn(walk);
    if (onlyOwn && walk.bucket >> shift != walk.own >> shift) break;
    if (next >= 0) {
      store<i32>(at(window.list, i++), entry(sizes, next, seenRound != round));
      continue;
    }
    if (!ring) break;
    i = min(i + padding, window.end);
    seenRound = (seenRound + 1) % sizes.rounds;
    enterRingRound(sizes, walk, links, ends, buckets, first, seenRound);
    toBegin(walk);
  }
  enterRingRound(sizes, walk, links, ends, buckets, first, round);
}

function enterRingRound(
  sizes: TokenImmediates, walk: ListWalk, links: usize, ends: usize, buckets: usize, first: i32, round: i32,
): void {
  const unit = first + round;
  enterRound(walk, links, ends, unit, sizes.length, sizes.buckets, load<i32>(at(buckets, unit)));
}

/** In a ring, other buckets of the own round are excluded too: their tokens' buckets say so themselves. */
function entry(sizes: TokenImmediates, token: i32, otherRound: bool): i32 {
  return otherRound && (sizes.flags & SAME_BUCKET) != 0 ? ~token : token;
}
