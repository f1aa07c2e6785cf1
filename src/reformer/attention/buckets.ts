import { ReformaxError } from "../../core/errors.ts";
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
  const chunks = Math.max(1, Math.floor(length / chunkLength));
  const count = Math.max(2, roundUpToEven(perChunk * chunks));
  if (count <= largestSingleFactor) return [count];
  let first = 1;
  while (first * first < count) first *= 2;
  return [first, 2 * Math.max(1, Math.floor(count / (2 * first)))];
}

const roundUpToEven = (n: number): number => n + (n % 2);

/** What decides into how many buckets a head hashes. */
export interface BucketRule {
  /** The factors, or `auto`: from length and chunk length. */
  readonly buckets: number | readonly number[] | "auto";
  readonly chunkLength: number;
  readonly conventions: Pick<Conventions, "bucketsPerChunk">;
}

/** The factors for `length` tokens: as configured, or from the rule. */
export const bucketSizes = (
  { buckets, chunkLength, conventions }: BucketRule,
  length: number,
): readonly number[] =>
  buckets === "auto"
    ? automaticBuckets(length, chunkLength, conventions.bucketsPerChunk)
    : [buckets].flat();

/**
 * Number of buckets of a factorised hash.
 * @example
 * import { bucketCount } from "reformax/reformer";
 * console.log(bucketCount([4, 8])); // => 32
 */
export const bucketCount = (sizes: readonly number[]): number =>
  sizes.reduce((product, size) => product * size, 1);

/** Throws unless every factor is a positive even number. */
export function checkBucketSizes(sizes: readonly number[], where: string): readonly number[] {
  if (
    sizes.length > 0 &&
    sizes.every((size) => Number.isInteger(size) && size >= 2 && size % 2 === 0)
  )
    return sizes;
  throw new ReformaxError("invalid bucket counts", {
    where,
    expected: "positive even numbers, one per factor",
    got: `[${sizes.join(", ")}]`,
    fix: "An angular hash has as many buckets as vectors and their negatives: an even number.",
  });
}
