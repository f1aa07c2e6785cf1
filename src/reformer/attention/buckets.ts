import { checkKind, checkList } from "../../core/arguments.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ReformaxError } from "../../core/errors.ts";
import { checkWhole, checkWholes } from "../../core/whole.ts";
import type { Conventions } from "./conventions.ts";

/** Above this many buckets the hash is factorised: two small argmaxes instead of a large one. */
const largestSingleFactor = 128;

/**
 * Factor sizes of the hash for `length` tokens in chunks of `chunkLength`: an even number of buckets in
 * each factor, their product the number of buckets. Up to 128 buckets are one factor; more are
 * [2^ceil(log2 sqrt n), the rest] as in trax.
 *
 * @param perChunk - 2 (chunk = two average buckets, the paper) or 1
 * @example
 * import { automaticBuckets } from "reformax/reformer";
 * console.log(automaticBuckets(524288, 64)); // => [ 128, 128 ]
 */
export function automaticBuckets(
  length: number,
  chunkLength: number,
  perChunk: 1 | 2 = 2,
): readonly number[] {
  checkWhole(length, "the length", "automaticBuckets", 0);
  checkWhole(chunkLength, "the chunk length", "automaticBuckets", 1);
  checkKind(perChunk, [1, 2], "perChunk", "automaticBuckets");
  const chunks = Math.max(1, Math.floor(length / chunkLength));
  const count = Math.max(2, roundUpToEven(perChunk * chunks));
  if (count <= largestSingleFactor) return [count];
  let first = 1;
  while (first * first < count) first *= 2;
  return [first, 2 * Math.max(1, Math.floor(count / (2 * first)))];
}

/**
 * The same as HuggingFace counts: the largest power of two within twice the chunks. Up to `mostInOne` buckets are one factor; more are
 * two powers of two, the second the larger one where they differ.
 *
 * @param mostInOne - HuggingFace has twice the larger of the chunk length and floor(sqrt(longest sequence / chunk length))
 * @example
 * import { powersOfTwoBuckets } from "reformax/reformer";
 * console.log(powersOfTwoBuckets(128, 4, 10), powersOfTwoBuckets(112, 16, 32)); // => [ 8, 8 ] [ 8 ]
 */
export function powersOfTwoBuckets(
  length: number,
  chunkLength: number,
  mostInOne: number,
): readonly number[] {
  const where = "powersOfTwoBuckets";
  checkWhole(length, "the length", where, 0);
  checkWhole(chunkLength, "the chunk length", where, 1);
  checkWhole(mostInOne, "the most in one factor", where, 1);
  const wanted = 2 * Math.max(1, Math.floor(length / chunkLength));
  const power = 31 - Math.clz32(wanted);
  const count = 1 << power;
  if (count <= mostInOne) return [count];
  const half = power >> 1;
  return [1 << half, 1 << (power - half)];
}

const roundUpToEven = (n: number): number => n + (n % 2);

/** What decides into how many buckets a head hashes. */
export interface BucketRule {
  /** The factors, or `auto`: from length and chunk length. */
  readonly buckets: number | readonly number[] | "auto";
  readonly chunkLength: number;
  readonly conventions: Pick<Conventions, "bucketsPerChunk">;
  /** `auto` by {@link powersOfTwoBuckets}, so many at most in one factor, instead of {@link automaticBuckets}. */
  readonly powersUpTo?: number;
}

/** The factors for `length` tokens: as configured, or from the rule. */
export function bucketSizes(
  { buckets, chunkLength, conventions, powersUpTo }: BucketRule,
  length: number,
): readonly number[] {
  if (buckets !== "auto") return [buckets].flat();
  return powersUpTo === undefined
    ? automaticBuckets(length, chunkLength, conventions.bucketsPerChunk)
    : powersOfTwoBuckets(length, chunkLength, powersUpTo);
}

/**
 * Number of buckets of a factorised hash.
 * @example
 * import { bucketCount } from "reformax/reformer";
 * console.log(bucketCount([4, 8])); // => 32
 */
export const bucketCount = (sizes: readonly number[]): number =>
  checkWholes(sizes, "a factor", "bucketCount", 1).reduce((product, size) => product * size, 1);

/** Half of the buckets are the other half's opposites. */
export const isBucketFactor = (size: unknown): boolean =>
  typeof size === "number" && Number.isInteger(size) && size >= 2 && size % 2 === 0;

/** Throws unless every factor is a positive even number. */
export function checkBucketSizes(sizes: readonly number[], where: string): readonly number[] {
  if (checkList(sizes, "sizes", where).length > 0 && sizes.every(isBucketFactor)) return sizes;
  throw new ReformaxError("invalid bucket counts", {
    where,
    expected: "positive even numbers, one per factor",
    got: describeArgument(sizes),
    fix: "An angular hash has as many buckets as vectors and their negatives: an even number.",
  });
}
