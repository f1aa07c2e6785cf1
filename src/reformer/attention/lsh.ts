import { checkRecord } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape } from "../../core/shape.ts";
import { checkWhole } from "../../core/whole.ts";
import type { Value } from "../../core/value.ts";
// Hashing and sorting are operations that numpy has no name for.
import * as ops from "../../ir/ops.ts";
import { broadcastInDim, reduceMax, reduceSum, stopGradient } from "../../lax/index.ts";
import { divide, exp, multiply, reshape, subtract } from "../../numpy/index.ts";
import { normal } from "../../random/index.ts";
import { requireKey } from "../../random/key.ts";
import { checkBucketSizes } from "./buckets.ts";

/**
 * Random rotations for hashing: f32[groups, width, rounds, sum(sizes) / 2], standard normal. One group
 * per head, or one for all.
 *
 * @param sizes - bucket factors; see `automaticBuckets`
 */
export function rotations(
  key: Value,
  options: {
    readonly groups: number;
    readonly width: number;
    readonly rounds: number;
    readonly sizes: readonly number[];
  },
): Value {
  requireKey(key, "lsh.rotations");
  checkRecord(options, rotationKinds, "options", "lsh.rotations");
  const { groups, width, rounds, sizes } = options;
  const half = checkBucketSizes(sizes, "lsh.rotations").reduce((sum, size) => sum + size, 0) / 2;
  return normal(key, [groups, width, rounds, half]);
}

/**
 * Angular hash of vectors f32[N, L, width] with rotations f32[G, width, rounds, half] (G divides N):
 * buckets i32[N, rounds, L]. In each factor the bucket is the argmax over [xR; -xR], lowest index first on
 * ties; positive scaling of x by powers of two never changes it. Paper, section 2. Not differentiable.
 */
export const hash = (x: Value, rotation: Value, sizes: readonly number[]): Value => {
  const where = "lsh.hash";
  checkArray(x, "f32", ["N", "L", "width"], "x", where);
  checkArray(rotation, "f32", ["G", "width", "rounds", "half"], "rotation", where);
  return ops.bindNamed("lshHash", [x, rotation], { sizes: checkBucketSizes(sizes, where) })[0];
};

const rotationKinds = { groups: "count", width: "count", rounds: "count", sizes: "list" } as const;

const noTokens = (): ShapeError =>
  new ShapeError("buckets is a scalar", {
    where: "lsh.sort",
    expected: "i32[..., L]",
    got: "i32[]",
  });

export { bestBuckets } from "./best-buckets.ts";

export interface Sorted {
  /** Token at each slot, i32[..., L]: stable, by bucket. */
  readonly order: Value;
  /** Slot of each token, i32[..., L]. */
  readonly inverse: Value;
}

/** Sorts the tokens of each round by bucket: a stable counting sort, so that equal buckets keep their order. */
export function sort(buckets: Value, numBuckets: number): Sorted {
  checkArray(buckets, "i32", undefined, "buckets", "lsh.sort");
  checkWhole(numBuckets, "the number of buckets", "lsh.sort", 1);
  if (buckets.rank === 0) throw noTokens();
  const [order, inverse] = ops.bindNamed("bucketSort", [buckets], { numBuckets });
  return { order, inverse };
}

/**
 * Combines the rounds' results: outs f32[N, R, L, width] weighted by softmax over rounds of their log
 * partition functions lse f32[N, R, L] (paper, equation 6): f32[N, L, width].
 */
export function combine(outs: Value, lse: Value): Value {
  checkArray(outs, "f32", ["N", "R", "L", "width"], "outs", "lsh.combine");
  checkArray(lse, "f32", ["N", "R", "L"], "lse", "lsh.combine");
  if (formatShape(outs.shape.slice(0, 3)) !== formatShape(lse.shape)) {
    throw new ShapeError("outputs and log partition functions do not fit", {
      where: "lsh.combine",
      expected: "f32[N,R,L,width] and f32[N,R,L]",
      got: `${formatShape(outs.shape)} and ${formatShape(lse.shape)}`,
    });
  }
  const [groups, rounds, length, width] = outs.shape;
  if (rounds === 1) return reshape(outs, [groups, length, width]);
  const overRounds = (x: Value): Value => broadcastInDim(x, lse.shape, [0, 2]);
  const peak = stopGradient(reduceMax(lse, [1]));
  const weights = exp(subtract(lse, overRounds(peak)));
  const normalized = divide(weights, overRounds(reduceSum(weights, [1])));
  const spread = broadcastInDim(normalized, outs.shape, [0, 1, 2]);
  return reduceSum(multiply(outs, spread), [1]);
}
