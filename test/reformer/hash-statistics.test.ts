import * as fc from "fast-check";
import { expect, it } from "vitest";
import { array } from "../../src/numpy/index.ts";
import { hashStatistics, summarizeHashing } from "../../src/reformer/attention/hash-statistics.ts";
import { sort } from "../../src/reformer/attention/lsh.ts";
import { describeBackends } from "../support/backends.ts";

/** How far a chunk of two looks. */
const back = { before: 1, after: 0, causal: true };
const around = { before: 1, after: 1, causal: false };

/** One group, one round, tokens in chunks of two. */
function statisticsOf(
  buckets: readonly number[],
  valid: readonly number[] = buckets.map(() => 1),
  window: typeof back = back,
) {
  const hashed = array([[buckets]], "i32");
  const { inverse } = sort(hashed, 4);
  const { largestBucket, beyondChunk, onlySelf } = summarizeHashing(
    hashStatistics({
      buckets: hashed,
      inverse,
      valid: array([valid], "i32"),
      numBuckets: 3,
      chunkLength: 2,
      ...window,
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

  it("counts tokens that see no other one, and buckets that go on behind the window, with the mask full", () => {
    // Slots 0 and 1 see up to 3, slots 2 to 5 all but two, 6 and 7 from 4 on: every bucket of eight goes on somewhere.
    expect(statisticsOf([0, 0, 0, 0, 0, 0, 0, 0], undefined, around)).toEqual([8, 1, 0]);
    expect(statisticsOf([0, 1, 2, 0, 1, 2, 0, 1], undefined, around)).toEqual([3, 0, 0]);
    expect(statisticsOf([0, 1, 1, 2, 2, 2, 2, 2], undefined, around)).toEqual([5, 0.375, 0.125]);
  });

  it("agrees with counting, token by token", () => {
    const buckets = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 8, maxLength: 8 });
    const windows = fc.record({
      before: fc.integer({ min: 0, max: 2 }),
      after: fc.integer({ min: 0, max: 2 }),
      causal: fc.boolean(),
    });
    fc.assert(
      fc.property(buckets, windows, (given, window) => {
        const order = given.map((_, i) => i).sort((a, b) => given[a] - given[b] || a - b);
        const slots = order.map((token) => given[token]);
        const bad = slots.map((bucket, slot) => {
          const chunk = Math.floor(slot / 2);
          const [from, to] = [2 * (chunk - window.before), 2 * (chunk + window.after + 1)];
          const same = slots.flatMap((other, at) => (other === bucket && at !== slot ? [at] : []));
          const wanted = same.filter((at) => !window.causal || at < slot);
          const seen = wanted.filter((at) => at >= from && at < to);
          return { beyond: seen.length < wanted.length, alone: seen.length === 0 };
        });
        const [, beyond, alone] = statisticsOf(given, undefined, window);
        expect(alone).toBe(bad.filter((slot) => slot.alone).length / 8);
        expect(beyond).toBe(bad.filter((slot) => slot.beyond).length / 8);
      }),
      { numRuns: 40 },
    );
  });
});
