/**
 * The window of a new token, as a list of the tokens at its positions: a window has (before + 1 + after) m positions, of which those at
 * [start, end) exist. An entry is a token; the complement of one that is excluded whatever its place; or `NOTHING`, where
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
}

@unmanaged
export class TokenWindow {
  start: i32;
  end: i32;
  list: usize;
}

/** Of a token in the order of positions: a ring that leads into the future only is none. */
export function orderedWindow(window: TokenWindow, sizes: TokenImmediates, token: i32): void {
  const m = sizes.m;
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
    store<i32>(at(window.list, i), seen <= token ? seen : NOTHING);
  }
}

/** All tokens up to the own. */
export function wholeWindow(window: TokenWindow, token: i32): void {
  window.start = 0;
  window.end = token + 1;
  for (let i = 0; i <= token; i++) store<i32>(at(window.list, i), i);
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
  const chunks = token / m + 1;
  const slot = ownSlot(walk);
  const chunk = slot / m;
  const ring = (sizes.flags & CIRCULAR) != 0;
  setBounds(window, sizes, ring, chunk, chunks);
  const own = sizes.before * m + slot - chunk * m;
  const padding = chunks * m - token - 1;
  fillRun(at(window.list, window.start), NOTHING, window.end - window.start);
  store<i32>(at(window.list, own), token);
  const first = group * sizes.rounds;
  // Without a ring all that other buckets hold is excluded.
  const onlyOwn = !ring && (sizes.flags & SAME_BUCKET) != 0;

  let seenRound = round;
  toOwn(walk);
  for (let i = own - 1; i >= window.start; ) {
    const next = stepBack(walk);
    if (onlyOwn && walk.bucket != walk.own) break;
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
    // The new token is the last one of its bucket.
    if (onlyOwn) break;
    const next = stepOn(walk);
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
  enterRound(walk, links, ends, unit, sizes.length, sizes.buckets, walk.token, load<i32>(at(buckets, unit)));
}

/** In a ring, other buckets of the own round are excluded too: their tokens' buckets say so themselves. */
function entry(sizes: TokenImmediates, token: i32, otherRound: bool): i32 {
  return otherRound && (sizes.flags & SAME_BUCKET) != 0 ? ~token : token;
}
