/** What masks and counts of attention need to know about single pairs of a query and a key. */
import { logLanes } from "../generated/scalar-functions";
import { AttentionFrame } from "./attentionFrame";
import { CIRCULAR, SAME_BUCKET, SAME_ROUND } from "../generated/constants";
import { lanesOf } from "./lanes";
import { at } from "./words";

/** All bits set for each of four queries that `valid` forbids the key, by query and key. */
export function isForbidden(frame: AttentionFrame, key: i32, query: i32): v128 {
  const tokens = at(frame.queryTokens, query);
  const column = load<i32>(at(frame.keyRows, key));
  const allowed = lanesOf(
    pairWord(frame, load<i32>(tokens), column),
    pairWord(frame, load<i32>(tokens, 4), column),
    pairWord(frame, load<i32>(tokens, 8), column),
    pairWord(frame, load<i32>(tokens, 12), column),
  );
  return i32x4.eq(allowed, i32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function pairWord(frame: AttentionFrame, query: i32, key: i32): i32 {
  const length = <usize>frame.sizes.length;
  const row = <usize>frame.group * length + <usize>query;
  return load<i32>(frame.buffers.valid + ((row * length + <usize>key) << 2));
}

/** log of how often a key is in the windows (and, where it matters, buckets) of four queries. */
export function logMeetings(frame: AttentionFrame, key: i32, query: i32): v128 {
  const flags = frame.sizes.flags;
  const count = flags & CIRCULAR ? ringMeetings(frame, key, query) : meetings(frame, key, query);
  if (flags & SAME_ROUND) {
    const unseen = i32x4.eq(count, i32x4.splat(0));
    const counted = f32x4.convert_i32x4_s(count);
    return logLanes(v128.bitselect(f32x4.splat(1e-9), counted, unseen));
  }
  // Excluded pairs may have met in no round: their logit is replaced anyway.
  const counted = i32x4.max_s(count, i32x4.splat(1));
  if (!v128.any_true(i32x4.ne(counted, i32x4.splat(1)))) return f32x4.splat(0);
  return logLanes(f32x4.convert_i32x4_s(counted));
}

/** Where all rounds are one ring: how often, by the places of both in every round. */
function ringMeetings(frame: AttentionFrame, key: i32, query: i32): v128 {
  const sizes = frame.sizes;
  const chunks = sizes.length / sizes.m;
  const ring = sizes.rounds * chunks;
  const sameBucket = (sizes.flags & SAME_BUCKET) != 0;
  const oneRound = sameBucket || (sizes.flags & SAME_ROUND) != 0;
  let count = i32x4.splat(0);
  for (let round = 0; round < sizes.rounds; round++) {
    const queryIndex = round * frame.queryRoom + query;
    const place = i32x4.add(v128.load(at(frame.queryChunks, queryIndex)), i32x4.splat(round * chunks));
    const firstRound = oneRound ? round : 0;
    const endRound = oneRound ? round + 1 : sizes.rounds;
    for (let offset = -sizes.before; offset <= sizes.after; offset++) {
      let shift = offset % ring;
      if (shift < 0) shift += ring;
      const further = i32x4.add(place, i32x4.splat(shift));
      const wraps = i32x4.ge_s(further, i32x4.splat(ring));
      const seen = i32x4.sub(further, v128.and(wraps, i32x4.splat(ring)));
      for (let other = firstRound; other < endRound; other++) {
        const keyIndex = other * frame.keyRoom + key;
        let meets = i32x4.eq(seen, i32x4.splat(load<i32>(at(frame.keyChunks, keyIndex)) + other * chunks));
        if (sameBucket) {
          const bucket = v128.load32_splat(at(frame.keyRoundBuckets, keyIndex));
          meets = v128.and(meets, i32x4.eq(bucket, v128.load(at(frame.queryRoundBuckets, queryIndex))));
        }
        count = i32x4.sub(count, meets);
      }
    }
  }
  return count;
}

/** Where rounds are separate: in how many of them. */
function meetings(frame: AttentionFrame, key: i32, query: i32): v128 {
  const sizes = frame.sizes;
  const before = i32x4.splat(sizes.before);
  const reach = i32x4.splat(sizes.before + sizes.after);
  const sameBucket = (sizes.flags & SAME_BUCKET) != 0;
  let count = i32x4.splat(0);
  for (let round = 0; round < sizes.rounds; round++) {
    const keyIndex = round * frame.keyRoom + key;
    const queryIndex = round * frame.queryRoom + query;
    const distance = i32x4.sub(
      v128.load32_splat(at(frame.keyChunks, keyIndex)), v128.load(at(frame.queryChunks, queryIndex)),
    );
    // One unsigned comparison for both ends of the window.
    let meets = i32x4.le_u(i32x4.add(distance, before), reach);
    if (sameBucket) {
      const bucket = v128.load32_splat(at(frame.keyRoundBuckets, keyIndex));
      meets = v128.and(meets, i32x4.eq(bucket, v128.load(at(frame.queryRoundBuckets, queryIndex))));
    }
    count = i32x4.sub(count, meets);
  }
  return count;
}

