import { linkWords } from "../support/bucketLists";
import { at, buffer, immediate, shareStart } from "../support/words";

/**
 * Buffers: bucket, position, links and ends (both hold the lists already). Immediates: groups, rounds, capacity, buckets. Puts
 * the token at `position` into the lists of its group's rounds; see src/primitives/decoding/insert-token.ts.
 */
export function insertToken(args: usize, part: i32, parts: i32): void {
  const groups = immediate(args, 4);
  const rounds = immediate(args, 5);
  const capacity = immediate(args, 6);
  const buckets = immediate(args, 7);
  const units = groups * rounds;
  const end = shareStart(units, part + 1, parts);
  for (let unit = shareStart(units, part, parts); unit < end; unit++) {
    const token = load<i32>(at(buffer(args, 1), unit / rounds));
    const bucket = load<i32>(at(buffer(args, 0), unit));
    if (<u32>token >= <u32>capacity || <u32>bucket >= <u32>buckets) continue;
    const links = at(buffer(args, 2), unit * capacity * linkWords);
    const starts = at(buffer(args, 3), unit * 3 * buckets);
    const heads = at(starts, buckets);
    const tail = at(starts, 2 * buckets + bucket);
    const last = load<i32>(tail);
    const behind = bucket + 1 < buckets ? load<i32>(at(starts, bucket + 1)) : token;
    const link = at(links, token * linkWords);
    store<i32>(link, bucket);
    store<i32>(link, behind - load<i32>(at(starts, bucket)), 4);
    store<i32>(link, last, 8);
    store<i32>(link, -1, 12);
    store<i32>(last >= 0 ? at(links, last * linkWords + 3) : at(heads, bucket), token);
    store<i32>(tail, token);
    for (let higher = bucket + 1; higher < buckets; higher++) {
      const start = at(starts, higher);
      store<i32>(start, load<i32>(start) + 1);
    }
  }
}
