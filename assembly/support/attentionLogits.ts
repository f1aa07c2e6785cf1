/**
 * From dot products to weights, for eight queries at a time. A score panel is [key][8 queries]: everything runs down the keys in
 * two vectors, and the panel is at once the packed left operand of the product with the values.
 */
import { expLanes } from "../generated/scalar-functions";
import { AttentionFrame } from "./attentionFrame";
import { isForbidden, logMeetings } from "./attentionPairs";
import { DUPLICATES, PAIRS, SAME_BUCKET, SELF_MASK } from "../generated/constants";
import { threefryEight } from "./threefry";
import { at } from "./words";

/** Logit of an excluded pair: its exponential is exactly 0 whatever is subtracted from it. */
// @ts-ignore: decorator
@inline
export const EXCLUDED: f32 = -3e38;
/** The largest logit of no pairs, and their log partition function. */
// @ts-ignore: decorator
@inline
export const EMPTY: f32 = -1e30;

/** Whether any of eight queries, given their tokens and buckets, may see the key. */
// @ts-ignore: decorator
@inline
function isSeen(
  frame: AttentionFrame, key: i32, tokens0: v128, tokens1: v128, buckets0: v128, buckets1: v128, sameBucket: bool,
  selfMask: bool,
): bool {
  const limit = v128.load32_splat(at(frame.keyLimits, key));
  let in0 = i32x4.le_s(limit, tokens0);
  let in1 = i32x4.le_s(limit, tokens1);
  if (sameBucket) {
    const bucket = v128.load32_splat(at(frame.keyBuckets, key));
    in0 = v128.and(in0, i32x4.eq(bucket, buckets0));
    in1 = v128.and(in1, i32x4.eq(bucket, buckets1));
  }
  if (selfMask) {
    const token = v128.load32_splat(at(frame.keyTokens, key));
    in0 = v128.or(in0, i32x4.eq(token, tokens0));
    in1 = v128.or(in1, i32x4.eq(token, tokens1));
  }
  return v128.any_true(v128.or(in0, in1));
}

/**
 * Finds the keys that the eight queries from `query` on may see: all others add exact zeros. In sorted slots these are the
 * neighbours in the queries' buckets, causally those up to the queries; false if there are none.
 */
export function findSeenKeys(frame: AttentionFrame, query: i32): bool {
  const sameBucket = (frame.sizes.flags & SAME_BUCKET) != 0;
  const selfMask = (frame.sizes.flags & SELF_MASK) != 0;
  const tokens0 = v128.load(at(frame.queryTokens, query));
  const tokens1 = v128.load(at(frame.queryTokens, query), 16);
  const buckets0 = v128.load(at(frame.queryBuckets, query));
  const buckets1 = v128.load(at(frame.queryBuckets, query), 16);
  let first = 0;
  let end = frame.keys;
  while (first < end && !isSeen(frame, first, tokens0, tokens1, buckets0, buckets1, sameBucket, selfMask)) first++;
  while (end > first && !isSeen(frame, end - 1, tokens0, tokens1, buckets0, buckets1, sameBucket, selfMask)) end--;
  frame.firstKey = first & ~3;
  frame.endKey = (end + 3) & ~3;
  return first < end;
}

/**
 * Scales the dot products of the keys that are seen in `panel`, applies the masks, and stores the largest logit of each of
 * the eight queries from `query` on at `maxima`, at least EMPTY.
 */
export function maskLogits(frame: AttentionFrame, panel: usize, query: i32, maxima: usize): void {
  const flags = frame.sizes.flags;
  const sameBucket = (flags & SAME_BUCKET) != 0;
  const selfMask = (flags & SELF_MASK) != 0;
  const duplicates = (flags & DUPLICATES) != 0;
  const pairs = (flags & PAIRS) != 0;
  const self = f32x4.splat(frame.sizes.self);
  const excluded = f32x4.splat(EXCLUDED);
  const tokens0 = v128.load(at(frame.queryTokens, query));
  const tokens1 = v128.load(at(frame.queryTokens, query), 16);
  const buckets0 = v128.load(at(frame.queryBuckets, query));
  const buckets1 = v128.load(at(frame.queryBuckets, query), 16);
  let max0 = f32x4.splat(EMPTY);
  let max1 = max0;
  panel = at(panel, frame.firstKey * 8);
  for (let key = frame.firstKey; key < frame.endKey; key++) {
    const factor = v128.load32_splat(at(frame.keyFactors, key));
    let s0 = f32x4.mul(v128.load(panel), factor);
    let s1 = f32x4.mul(v128.load(panel, 16), factor);
    if (duplicates) {
      s0 = f32x4.sub(s0, logMeetings(frame, key, query));
      s1 = f32x4.sub(s1, logMeetings(frame, key, query + 4));
    }
    const limit = v128.load32_splat(at(frame.keyLimits, key));
    let out0 = i32x4.gt_s(limit, tokens0);
    let out1 = i32x4.gt_s(limit, tokens1);
    if (sameBucket) {
      const bucket = v128.load32_splat(at(frame.keyBuckets, key));
      out0 = v128.or(out0, i32x4.ne(bucket, buckets0));
      out1 = v128.or(out1, i32x4.ne(bucket, buckets1));
    }
    if (pairs) {
      out0 = v128.or(out0, isForbidden(frame, key, query));
      out1 = v128.or(out1, isForbidden(frame, key, query + 4));
    }
    s0 = v128.bitselect(excluded, s0, out0);
    s1 = v128.bitselect(excluded, s1, out1);
    if (selfMask) {
      const token = v128.load32_splat(at(frame.keyTokens, key));
      s0 = v128.bitselect(self, s0, i32x4.eq(token, tokens0));
      s1 = v128.bitselect(self, s1, i32x4.eq(token, tokens1));
    }
    max0 = f32x4.pmax(max0, s0);
    max1 = f32x4.pmax(max1, s1);
    v128.store(panel, s0);
    v128.store(panel, s1, 16);
    panel += 32;
  }
  v128.store(maxima, max0);
  v128.store(maxima, max1, 16);
}

/** Replaces the logits of the keys that are seen by exp(logit - maximum), and stores the sums over keys at `sums`. */
export function exponentiate(frame: AttentionFrame, panel: usize, maxima: usize, sums: usize): void {
  const max0 = v128.load(maxima);
  const max1 = v128.load(maxima, 16);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  panel = at(panel, frame.firstKey * 8);
  for (let key = frame.firstKey; key < frame.endKey; key += 2) {
    const a = expLanes(f32x4.sub(v128.load(panel), max0));
    const b = expLanes(f32x4.sub(v128.load(panel, 16), max1));
    const c = expLanes(f32x4.sub(v128.load(panel, 32), max0));
    const d = expLanes(f32x4.sub(v128.load(panel, 48), max1));
    v128.store(panel, a);
    v128.store(panel, b, 16);
    v128.store(panel, c, 32);
    v128.store(panel, d, 48);
    sum0 = f32x4.add(sum0, f32x4.add(a, c));
    sum1 = f32x4.add(sum1, f32x4.add(b, d));
    panel += 64;
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
}

/** 1 / the probability that a weight survives dropout. */
export function dropoutScale(frame: AttentionFrame): f32 {
  return 1 / (<f32>frame.sizes.keep * <f32>2.3283064365386963e-10);
}

/**
 * What dropout multiplies the weights of `key` for the eight queries from `query` on by; 8 words at `out`. `spare` is
 * room for eight more.
 */
export function dropoutMultipliers(
  frame: AttentionFrame, key: i32, query: i32, scale: v128, out: usize, spare: usize,
): void {
  const k0 = v128.load32_splat(at(frame.keyDropout0, key));
  const k1 = v128.load32_splat(at(frame.keyDropout1, key));
  const token = v128.load32_splat(at(frame.keyTokens, key));
  threefryEight(
    k0, k1, v128.load(at(frame.queryTokens, query)), token,
    k0, k1, v128.load(at(frame.queryTokens, query), 16), token, out, spare, false,
  );
  const keep = i32x4.splat(<i32>frame.sizes.keep);
  v128.store(out, v128.and(scale, i32x4.lt_u(v128.load(out), keep)));
  v128.store(out, v128.and(scale, i32x4.lt_u(v128.load(out, 16), keep)), 16);
}

/** Multiplies the weights of the keys that are seen by the dropout multipliers; `scratch` has 16 words. */
export function dropWeights(frame: AttentionFrame, panel: usize, query: i32, scratch: usize): void {
  const scale = f32x4.splat(dropoutScale(frame));
  panel = at(panel, frame.firstKey * 8);
  for (let key = frame.firstKey; key < frame.endKey; key++) {
    dropoutMultipliers(frame, key, query, scale, scratch, at(scratch, 8));
    v128.store(panel, f32x4.mul(v128.load(panel), v128.load(scratch)));
    v128.store(panel, f32x4.mul(v128.load(panel, 16), v128.load(scratch, 16)), 16);
    panel += 32;
  }
}
