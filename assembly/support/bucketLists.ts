/**
 * The tokens of each round and bucket as linked lists in the order of their positions, which is the order of a stable sort by bucket. See
 * src/primitives/decoding/insert-token.ts. A token that is not in the lists yet is met where it would be: behind all others of its bucket.
 */
import { at } from "./words";

/** Words of a token: bucket, its number there, neighbours there (-1: none). */
// @ts-ignore: decorator
@inline
export const linkWords: i32 = 4;

/** One round of lists, and a place in its order. */
@unmanaged
export class ListWalk {
  links: usize;
  /** Tokens in lower buckets, first and last token of each bucket. */
  starts: usize;
  heads: usize;
  tails: usize;
  buckets: i32;
  /** The new token, its bucket in this round, and the number of tokens that are listed. */
  token: i32;
  own: i32;
  listed: i32;
  bucket: i32;
  /** The token at the place. */
  place: i32;
}

/** Goes to round number `unit` of all groups: `bucket` is the new token's there. */
export function enterRound(
  walk: ListWalk, links: usize, ends: usize, unit: i32, capacity: i32, buckets: i32, bucket: i32,
): void {
  walk.links = at(links, unit * capacity * linkWords);
  walk.starts = at(ends, unit * 3 * buckets);
  walk.heads = at(walk.starts, buckets);
  walk.tails = at(walk.heads, buckets);
  walk.buckets = buckets;
  walk.own = bucket;
}

/** Slot of the new token in the order of the round. */
export function ownSlot(walk: ListWalk): i32 {
  return walk.own + 1 < walk.buckets ? load<i32>(at(walk.starts, walk.own + 1)) : walk.listed;
}

/** Slot of a listed token, when the new one has its place. */
export function slotOf(walk: ListWalk, token: i32): i32 {
  const link = at(walk.links, token * linkWords);
  const bucket = load<i32>(link);
  // Those before it may have been dropped: the first one's number says how many.
  const first = load<i32>(at(walk.starts, walk.buckets + bucket));
  const before = load<i32>(link, 4) - load<i32>(at(walk.links, first * linkWords), 4);
  return load<i32>(at(walk.starts, bucket)) + before + (bucket > walk.own ? 1 : 0);
}

/** Bucket of a listed token. */
export function bucketOf(walk: ListWalk, token: i32): i32 {
  return load<i32>(at(walk.links, token * linkWords));
}

/** To the new token's place. */
export function toOwn(walk: ListWalk): void {
  walk.bucket = walk.own;
  walk.place = walk.token;
}

/** To the place behind the last token. */
export function toEnd(walk: ListWalk): void {
  walk.bucket = walk.buckets;
  walk.place = -1;
}

/** To the place before the first token. */
export function toBegin(walk: ListWalk): void {
  walk.bucket = -1;
  walk.place = -1;
}

/** To the token before the place, which it returns; -1 if there is none. */
export function stepBack(walk: ListWalk): i32 {
  let next: i32 = -1;
  if (walk.place >= 0) {
    next = walk.place == walk.token
      ? load<i32>(at(walk.tails, walk.bucket))
      : load<i32>(at(walk.links, walk.place * linkWords), 8);
  }
  while (next < 0) {
    walk.bucket--;
    if (walk.bucket < 0) break;
    next = walk.bucket == walk.own ? walk.token : load<i32>(at(walk.tails, walk.bucket));
  }
  walk.place = next;
  return next;
}

/** To the token behind the place, which it returns; -1 if there is none. */
export function stepOn(walk: ListWalk): i32 {
  let next: i32 = -1;
  if (walk.place >= 0 && walk.place != walk.token) {
    next = load<i32>(at(walk.links, walk.place * linkWords), 12);
    if (next < 0 && walk.bucket == walk.own) next = walk.token;
  }
  while (next < 0) {
    walk.bucket++;
    if (walk.bucket >= walk.buckets) break;
    next = load<i32>(at(walk.heads, walk.bucket));
    if (next < 0 && walk.bucket == walk.own) next = walk.token;
  }
  walk.place = next;
  return next;
}
