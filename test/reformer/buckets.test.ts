import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  automaticBuckets,
  bucketCount,
  checkBucketSizes,
} from "../../src/reformer/attention/buckets.ts";

describe("automaticBuckets", () => {
  it("follows trax: two buckets a chunk, factors above 128", () => {
    expect(automaticBuckets(64, 64)).toEqual([2]);
    expect(automaticBuckets(1024, 64)).toEqual([32]);
    expect(automaticBuckets(4096, 64)).toEqual([128]);
    expect(automaticBuckets(8192, 64)).toEqual([16, 16]);
    expect(automaticBuckets(65536, 64)).toEqual([64, 32]);
    expect(automaticBuckets(524288, 64)).toEqual([128, 128]);
  });

  it("halves them where a chunk is one average bucket", () => {
    expect(automaticBuckets(1024, 64, 1)).toEqual([16]);
    expect(automaticBuckets(16384, 64, 1)).toEqual([16, 16]);
  });

  it("always gives even factors whose product is near two buckets a chunk", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 20 }),
        fc.integer({ min: 1, max: 512 }),
        (length, chunk) => {
          const sizes = automaticBuckets(length, chunk);
          expect(checkBucketSizes(sizes, "test")).toBe(sizes);
          const wanted = 2 * Math.max(1, Math.floor(length / chunk));
          expect(bucketCount(sizes)).toBeLessThanOrEqual(wanted);
          expect(bucketCount(sizes)).toBeGreaterThan(0.5 * wanted);
        },
      ),
    );
  });
});

describe("checkBucketSizes", () => {
  it("refuses what is no list of even numbers", () => {
    for (const sizes of [[], [3], [2, 0], [4, 2.5], [-2]]) {
      expect(() => checkBucketSizes(sizes, "test")).toThrow(/positive even numbers/);
    }
  });
});
