import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";

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
  largest: ops.literal(0, "f32"),
  sums: ops.full([3], 0, "f32"),
});

export const joinStatistics = (a: HashStatistics, b: HashStatistics): HashStatistics => ({
  largest: ops.max(a.largest, b.largest),
  sums: ops.add(a.sums, b.sums),
});

/** How well hashing works, f32[] each. */
export interface HashSummary {
  /** Tokens in the largest bucket of any layer, head, round and sequence. */
  readonly largestBucket: Value;
  /**
   * Share of tokens, mean over heads, layers and rounds, whose bucket begins before the first chunk
   * that they see.
   */
  readonly beyondChunk: Value;
  /**
   * Share of tokens, mean over heads and layers, that see no earlier token of their bucket in any
   * round.
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
export function summarizeHashing({ largest, sums }: HashStatistics): HashSummary {
  const at = (i: number): Value => ops.reshape(ops.slice(sums, [i], [i + 1]), []);
  const heads = ops.max(at(2), ops.literal(1, "f32"));
  return {
    largestBucket: largest,
    beyondChunk: ops.div(at(0), heads),
    onlySelf: ops.div(at(1), heads),
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
}

/**
 * Statistics of one head's hashing. A token is beyond its window in a round when its bucket begins
 * before the first chunk that it sees; it sees only itself when in no round an earlier token of its
 * bucket is in its window.
 */
export function hashStatistics({
  buckets,
  inverse,
  valid,
  numBuckets,
  chunkLength,
  before,
}: Hashed): HashStatistics {
  const [groups, rounds, length] = buckets.shape;
  const zeros = ops.full([groups, rounds, numBuckets + 1], 0, "i32");
  const counts = ops.scatterAdd(zeros, buckets, ops.fullLike(buckets, 1), 2);
  const real = ops.slice(counts, [0, 0, 0], [groups, rounds, numBuckets]);
  const starts = ops.gather(ops.sub(ops.cumSum(counts, 2), counts), buckets, 2);
  const chunk = ops.div(inverse, ops.fullLike(inverse, chunkLength));
  const windowStart = ops.mul(
    ops.sub(chunk, ops.fullLike(chunk, before)),
    ops.fullLike(chunk, chunkLength),
  );
  const isReal = ops.ne(valid, ops.zerosLike(valid));
  const everyRound = (x: Value): Value => ops.broadcastInDim(x, buckets.shape, [0, 2]);
  const beyond = ops.and(ops.lt(starts, windowStart), everyRound(isReal));
  const visible = ops.sub(inverse, ops.max(starts, windowStart));
  const alone = ops.and(
    ops.le(ops.reduceMax(visible, [1]), ops.full([groups, length], 0, "i32")),
    isReal,
  );
  const tokens = ops.max(count(isReal), ops.literal(1, "f32"));
  const shares = [
    ops.div(ops.div(count(beyond), tokens), ops.literal(rounds, "f32")),
    ops.div(count(alone), tokens),
    ops.literal(1, "f32"),
  ];
  return {
    largest: ops.convert(ops.reduceMax(real, [0, 1, 2]), "f32"),
    sums: ops.concatenate(
      shares.map((share) => ops.reshape(share, [1])),
      0,
    ),
  };
}

/** How many hold, f32[]. */
const count = (flags: Value): Value =>
  ops.reduceSum(
    ops.convert(flags, "f32"),
    flags.shape.map((_, axis) => axis),
  );
