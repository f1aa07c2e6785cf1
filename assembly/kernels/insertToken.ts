import { linkWords } from "../support/bucketLists";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: bucket, position, links and ends (both hold the lists already). Immediates: groups, rounds, capacity, buckets, memory, ring. Puts
 * the token at `position` into the lists of its group's rounds, and takes the oldest one of a full ring out; see
 * src/primitives/decoding/insert-token.ts.
 */
export function insertToken(args: usize, part: i32, parts: i32): void {
  const groups = immediate(args, 4);
  const rounds = immediate(args, 5);
  const capacity = immediate(args, 6);
  const buckets = immediate(args, 7);
  const room = capacity - immediate(args, 8);
  const ring = immediate(args, 9) != 0;
  const units = groups * rounds;
  const end = shareStart(units, part + 1, parts);
  for (let unit = shareStart(units, part, parts); unit < end; unit++) {
    const place = load<i32>(at(buffer(args, 1), unit / rounds));
    const bucket = load<i32>(at(buffer(args, 0), unit));
    if (place < 0 || room <= 0 || (!ring && place >= room) || <u32>bucket >= <u32>buckets) continue;
    const token = place % room;
    const links = at(buffer(args, 2), unit * capacity * linkWords);
    const starts = at(buffer(args, 3), unit * 3 * buckets);
    const heads = at(starts, buckets);
    const tail = at(starts, 2 * buckets + bucket);
    const last = load<i32>(tail);
    const link = at(links, token * linkWords);
    store<i32>(link, bucket);
    store<i32>(link, last >= 0 ? load<i32>(at(links, last * linkWords), 4) + 1 : 0, 4);
    store<i32>(link, last, 8);
    store<i32>(link, -1, 12);
    store<i32>(last >= 0 ? at(links, last * linkWords + 3) : at(heads, bucket), token);
    store<i32>(tail, token);
    countHigher(starts, bucket, buckets, 1);
    // As numbers without a sign: the last position there can be is followed by one more.
    if (ring && <u32>place + 1 >= <u32>room) dropFirst(links, starts, buckets, <i32>((<u32>place + 1) % <u32>room));
  }
}

/** Takes a token out that is the first of its bucket. */
function dropFirst(links: usize, starts: usize, buckets: i32, token: i32): void {
  const link = at(links, token * linkWords);
  const bucket = load<i32>(link);
  const next = load<i32>(link, 12);
  store<i32>(at(starts, buckets + bucket), next);
  if (next >= 0) store<i32>(at(links, next * linkWords), -1, 8);
  else store<i32>(at(starts, 2 * buckets + bucket), -1);
  countHigher(starts, bucket, buckets, -1);
}

/** So many more tokens are below each bucket above. */
function countHigher(starts: usize, bucket: i32, buckets: i32, count: i32): void {
  for (let higher = bucket + 1; higher < buckets; higher++) {
    const start = at(starts, higher);
    store<i32>(start, load<i32>(start) + count);
  }
}
