/** Reading which tokens a block of queries and a block of keys consist of. */
import { AttentionFrame, AttentionImmediates } from "./attentionFrame";
import { CAUSAL, CIRCULAR, DROPOUT, DUPLICATES, MASKED, SAME_BUCKET, UNIT_KEYS } from "../generated/constants";
import { fillRun } from "./copy";
import { rowDot } from "./rowSums";
import { threefryBlock } from "./threefry";
import { at } from "./words";

// @ts-ignore: decorator
@inline
function word(list: usize, index: i32): i32 {
  return load<i32>(at(list, index));
}

/** Index of (group, round, 0) in the arrays by round. */
// @ts-ignore: decorator
@inline
export function roundStart(frame: AttentionFrame, round: i32): i32 {
  return (frame.group * frame.sizes.rounds + round) * frame.sizes.length;
}

/** The `count` queries from slot `first` of the frame's chunk on. */
export function readQueries(frame: AttentionFrame, first: i32, count: i32): void {
  const sizes = frame.sizes;
  const slot = roundStart(frame, frame.round) + frame.chunk * sizes.m + first;
  frame.queries = count;
  frame.paddedQueries = (count + 7) & ~7;
  let highest = -1;
  for (let i = 0; i < frame.paddedQueries; i++) {
    const token = word(frame.buffers.order, slot + min(i, count - 1));
    store<i32>(at(frame.queryTokens, i), token);
    store<i32>(at(frame.queryBuckets, i), word(frame.buffers.buckets, roundStart(frame, frame.round) + token));
    highest = max(highest, token);
  }
  frame.highestQuery = highest;
  if (sizes.flags & DUPLICATES) {
    readRounds(frame, frame.queryTokens, frame.paddedQueries, frame.queryChunks, frame.queryRoundBuckets, frame.queryRoom);
  }
}

/** First window position that exists; a window has (before + 1 + after) m positions. */
export function windowStart(frame: AttentionFrame): i32 {
  const sizes = frame.sizes;
  if (sizes.flags & CIRCULAR) return 0;
  return max(0, sizes.before - frame.chunk) * sizes.m;
}

/** The position behind the last one that exists. */
export function windowEnd(frame: AttentionFrame): i32 {
  const sizes = frame.sizes;
  const whole = sizes.before + 1 + sizes.after;
  if (sizes.flags & CIRCULAR) return whole * sizes.m;
  return min(whole, sizes.length / sizes.m - frame.chunk + sizes.before) * sizes.m;
}

/** The `count` keys from window position `first` on. */
export function readKeys(frame: AttentionFrame, first: i32, count: i32): void {
  const sizes = frame.sizes;
  const flags = sizes.flags;
  const m = sizes.m;
  const chunks = sizes.length / m;
  const ring = sizes.rounds * chunks;
  frame.keys = count;
  frame.paddedKeys = (count + 3) & ~3;
  let lowest = i32.MAX_VALUE;
  let i = 0;
  while (i < count) {
    const position = first + i;
    const step = position / m;
    const inChunk = position - step * m;
    let chunk = frame.chunk + step - sizes.before;
    let round = frame.round;
    if (flags & CIRCULAR) {
      const place = (round * chunks + chunk) % ring;
      const wrapped = place < 0 ? place + ring : place;
      round = wrapped / chunks;
      chunk = wrapped - round * chunks;
    }
    const run = min(count - i, m - inChunk);
    lowest = min(lowest, readChunkKeys(frame, i, round, chunk * m + inChunk, run));
    i += run;
  }
  frame.lowestKey = lowest;
  const last = word(frame.keyRows, count - 1);
  for (; i < frame.paddedKeys; i++) {
    store<i32>(at(frame.keyRows, i), last);
    store<i32>(at(frame.keyTokens, i), -1);
    store<i32>(at(frame.keyLimits, i), i32.MAX_VALUE);
    store<i32>(at(frame.keyBuckets, i), 0);
    store<i32>(at(frame.keyDropout0, i), 0);
    store<i32>(at(frame.keyDropout1, i), 0);
  }
  readKeyFactors(frame);
  if (flags & DUPLICATES) {
    readRounds(frame, frame.keyRows, frame.paddedKeys, frame.keyChunks, frame.keyRoundBuckets, frame.keyRoom);
  }
}

/**
 * What turns dot products with the keys into logits: the scale, and with unit keys the key's inverse length, as
 * trax and HuggingFace write it: 1 / (sqrt(mean(k^2) + epsilon) sqrt(d)).
 */
function readKeyFactors(frame: AttentionFrame): void {
  const sizes = frame.sizes;
  if ((sizes.flags & UNIT_KEYS) == 0) {
    fillRun(frame.keyFactors, reinterpret<i32>(sizes.scale), frame.paddedKeys);
    return;
  }
  const keys = at(frame.buffers.k, frame.group * sizes.length * sizes.d);
  for (let i = 0; i < frame.paddedKeys; i++) {
    const unit = keyUnit(at(keys, word(frame.keyRows, i) * sizes.d), sizes);
    store<f32>(at(frame.keyUnits, i), unit);
    store<f32>(at(frame.keyFactors, i), sizes.scale * unit);
  }
}

/** What a key is multiplied by to have unit length. */
// @ts-ignore: decorator
@inline
export function keyUnit(key: usize, sizes: AttentionImmediates): f32 {
  const width = <f32>sizes.d;
  return 1 / (sqrt<f32>(rowDot(key, key, sizes.d) / width + sizes.unit) * sqrt<f32>(width));
}

/** `count` keys of one chunk; returns the lowest token. */
function readChunkKeys(frame: AttentionFrame, index: i32, round: i32, slot: i32, count: i32): i32 {
  const sizes = frame.sizes;
  const flags = sizes.flags;
  const order = at(frame.buffers.order, roundStart(frame, round) + slot);
  const buckets = at(frame.buffers.buckets, roundStart(frame, round));
  const valid = at(frame.buffers.valid, frame.group * sizes.length);
  const otherRound = (flags & SAME_BUCKET) != 0 && round != frame.round;
  let dropout: u64 = 0;
  if (flags & DROPOUT) {
    const key = at(frame.buffers.dropoutKey, 2 * frame.group);
    dropout = threefryBlock(load<i32>(key), load<i32>(key, 4), frame.round, round);
  }
  let lowest = i32.MAX_VALUE;
  for (let i = 0; i < count; i++) {
    const token = word(order, i);
    const allowed = !otherRound && ((flags & MASKED) == 0 || word(valid, token) != 0);
    const limit = flags & CAUSAL ? token : i32.MIN_VALUE;
    store<i32>(at(frame.keyRows, index + i), token);
    store<i32>(at(frame.keyTokens, index + i), token);
    store<i32>(at(frame.keyLimits, index + i), allowed ? limit : i32.MAX_VALUE);
    store<i32>(at(frame.keyBuckets, index + i), word(buckets, token));
    store<i32>(at(frame.keyDropout0, index + i), <i32>dropout);
    store<i32>(at(frame.keyDropout1, index + i), <i32>(dropout >> 32));
    lowest = min(lowest, token);
  }
  return lowest;
}

/** Chunk and bucket of each token in every round. */
function readRounds(
  frame: AttentionFrame, tokens: usize, count: i32, chunks: usize, roundBuckets: usize, room: i32,
): void {
  const sizes = frame.sizes;
  for (let round = 0; round < sizes.rounds; round++) {
    const start = roundStart(frame, round);
    for (let i = 0; i < count; i++) {
      const token = word(tokens, i);
      store<i32>(at(chunks, round * room + i), word(frame.buffers.inverse, start + token) / sizes.m);
      store<i32>(at(roundBuckets, round * room + i), word(frame.buffers.buckets, start + token));
    }
  }
}
