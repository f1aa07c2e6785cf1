import { expect, it } from "vitest";
import { array } from "../../src/numpy/index.ts";
import { hashStatistics, summarizeHashing } from "../../src/reformer/attention/hash-statistics.ts";
import { sort } from "../../src/reformer/attention/lsh.ts";
import { describeBackends } from "../support/backends.ts";

/** One group, one round, eight tokens in chunks of two that look one chunk back. */
function statisticsOf(buckets: readonly number[], valid: readonly number[] = buckets.map(() => 1)) {
  const hashed = array([[buckets]], "i32");
  const { inverse } = sort(hashed, 4);
  const { largestBucket, beyondChunk, onlySelf } = summarizeHashing(
    hashStatistics({
      buckets: hashed,
      inverse,
      valid: array([valid], "i32"),
      numBuckets: 3,
      chunkLength: 2,
      before: 1,
    }),
  );
  return [largestBucket.item(), beyondChunk.item(), onlySelf.item()];
}

describeBackends("hashStatistics", () => {
  it("counts a bucket that outgrows the window", () => {
    // Slots 4 to 7 no longer see slot 0, where the bucket begins; only the first token is alone.
    expect(statisticsOf([0, 0, 0, 0, 0, 0, 0, 0])).toEqual([8, 0.5, 0.125]);
  });

  it("counts tokens whose bucket has none before them", () => {
    expect(statisticsOf([0, 1, 2, 0, 1, 2, 0, 1])).toEqual([3, 0, 0.375]);
  });

  it("leaves padding out", () => {
    expect(statisticsOf([0, 0, 1, 1, 3, 3, 3, 3], [1, 1, 1, 1, 0, 0, 0, 0])).toEqual([2, 0, 0.5]);
  });
});
