import { checkRecord } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { broadcastInDim, gather, scatterAdd } from "../../lax/index.ts";
import {
  add,
  array,
  astype,
  cumsum,
  divide,
  fullLike,
  greater,
  index,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  max,
  maximum,
  minimum,
  multiply,
  notEqual,
  slice,
  stack,
  subtract,
  sum,
  zeros,
} from "../../numpy/index.ts";

/** How well hashing works: sums that {@link summarizeHashing} turns into shares. */
export interface HashStatistics {
  /** Tokens in the largest bucket, f32[]. */
  readonly largest: Value;
  /**
   * f32[3]: sums of the shares of tokens beyond their window and of those that see only themselves,
   * and the number of heads.
   */
  readonly sums: Value;
}

/** The statistics of a head that hashes nothing. */
export const noStatistics = (): HashStatistics => ({
  largest: array(0),
  sums: zeros([3]),
});

export const joinStatistics = (a: HashStatistics, b: HashStatistics): HashStatistics => ({
  largest: maximum(a.largest, b.largest),
  sums: add(a.sums, b.sums),
});

/** How well hashing works, f32[] each. */
export interface HashSummary {
  /** Tokens in the largest bucket of any layer, head, round and sequence. */
  readonly largestBucket: Value;
  /**
   * Share of tokens, mean over heads, layers and rounds, whose bucket begins before the first chunk
   * that they see; with the mask `full` also those whose bucket ends behind the last one.
   */
  readonly beyondChunk: Value;
  /**
   * Share of tokens, mean over heads and layers, that see no earlier token of their bucket in any
   * round; with the mask `full`, no other token.
   */
  readonly onlySelf: Value;
}

/**
 * What training reports about hashing, from the health of a pass. Buckets of about half a chunk are
 * what the paper plans with: much larger ones mean that tokens miss others of their bucket
 * (`beyondChunk` rises), much smaller ones that they find none (`onlySelf` rises). All are 0 where
 * nothing is hashed: without LSH layers, or within one chunk. `inspectHashing` gives the buckets
 * themselves. Works under `jit`; not differentiable.
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, loss, reformerConfig, summarizeHashing } from "reformax/reformer";
 * await init();
 * const config = reformerConfig({ width: 16, layers: ["lsh"], lsh: { chunk: 4, buckets: 4 } });
 * const params = initParams(config, key(0));
 * const inputs = array([Array.from({ length: 16 }, (_, i) => i)], "i32");
 * const { health } = loss(config, params, inputs, inputs, key(1));
 * const { largestBucket, beyondChunk, onlySelf } = summarizeHashing(health.hashing);
 * console.log(largestBucket.item(), beyondChunk.item(), onlySelf.item()); // => 10 0.125 0.21875
 */
export function summarizeHashing(statistics: HashStatistics): HashSummary {
  const where = "summarizeHashing";
  checkRecord(statistics, { largest: "array", sums: "array" }, "statistics", where);
  const largest = checkArray(statistics.largest, "f32", [], "largest", where);
  const sums = checkArray(statistics.sums, "f32", [3], "sums", where);
  const heads = maximum(index(sums, 2), 1);
  return {
    largestBucket: largest,
    beyondChunk: divide(index(sums, 0), heads),
    onlySelf: divide(index(sums, 1), heads),
  };
}

interface Hashed {
  /** i32[N, R, L]; padding has the number `numBuckets`. */
  readonly buckets: Value;
  /** Slot of each token, i32[N, R, L]. */
  readonly inverse: Value;
  /** 1 for real tokens, i32[N, L]. */
  readonly valid: Value;
  readonly numBuckets: number;
  readonly chunkLength: number;
  readonly before: number;
  readonly after: number;
  readonly causal: boolean;
}

/**
 * Statistics of one head's hashing. A token is beyond its window in a round when its bucket begins
 * before the first chunk that it sees, or goes on behind the last one unless it sees earlier tokens only; it sees only
 * itself when in no round another (causally: an earlier) token of its bucket is in its window.
 */
export function hashStatistics({
  buckets,
  inverse,
  valid,
  numBuckets,
  chunkLength,
  before,
  after,
  causal,
}: Hashed): HashStatistics {
  const [groups, rounds] = buckets.shape;
  const none = zeros([groups, rounds, numBuckets + 1], "i32");
  const counts = scatterAdd(none, buckets, fullLike(buckets, 1), 2);
  const real = index(counts, "...", slice(0, numBuckets));
  const ends = cumsum(counts, 2);
  const starts = gather(subtract(ends, counts), buckets, 2);
  // Slots are not negative: division that truncates rounds down, and is one operation.
  const chunk = ops.div(inverse, fullLike(inverse, chunkLength));
  const windowStart = multiply(subtract(chunk, before), chunkLength);
  const isReal = notEqual(valid, 0);
  const begins = less(starts, windowStart);
  const first = maximum(starts, windowStart);
  const whole = (): { goesOn: Value; others: Value } => {
    const bucketEnd = gather(ends, buckets, 2);
    const windowEnd = multiply(add(chunk, after + 1), chunkLength);
    return {
      goesOn: greater(bucketEnd, windowEnd),
      others: subtract(subtract(minimum(bucketEnd, windowEnd), first), 1),
    };
  };
  // Equal buckets keep the order of their tokens: those before one are the earlier ones.
  const { goesOn, others } = causal ? { goesOn: null, others: subtract(inverse, first) } : whole();
  const outside = goesOn ? logicalOr(begins, goesOn) : begins;
  const beyond = logicalAnd(outside, broadcastInDim(isReal, buckets.shape, [0, 2]));
  const alone = logicalAnd(lessEqual(max(others, 1), 0), isReal);
  const tokens = maximum(count(isReal), 1);
  return {
    largest: astype(max(real), "f32"),
    sums: stack([
      divide(divide(count(beyond), tokens), rounds),
      divide(count(alone), tokens),
      array(1),
    ]),
  };
}

/** How many hold, f32[]. */
const count = (flags: Value): Value => sum(astype(flags, "f32"));
