import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wordsOf } from "../../../src/core/dtype.ts";
import { bitsOf, run, runInParts, workspace } from "../../support/kernels.ts";
import { randomIntegers, randomWords } from "../../support/random-words.ts";

const compare = (a: number, b: number): number => {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
};

describe("sortRows", () => {
  const types = [
    [0, "f32"],
    [1, "i32"],
    [2, "u32"],
  ] as const;

  test.each(types)("type %i, %s: stable, -0 equals +0, NaN last", (type, dtype) => {
    const shapes = fc.record({
      rows: fc.integer({ min: 0, max: 4 }),
      length: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(300, 1000)),
      slots: fc.integer({ min: 1, max: 4 }),
      distinct: fc.constantFrom(1, 4, 300, 0),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(shapes, ({ rows, length, slots, distinct, seed }) => {
        const bits = randomWords(rows * length, seed);
        const special = Int32Array.of(0, -(2 ** 31), 0x7fc00000, -0x400000, 0x7f800000, -0x800000);
        if (distinct > 0)
          bits.forEach(
            (word, i) =>
              (bits[i] = special[(word >>> 8) % distinct] ?? ((word >>> 8) % distinct) << 20),
          );
        const input = wordsOf(dtype, bits.buffer);
        const [, keys, indices] = runInParts(
          "sortRows",
          [
            input,
            input.slice(),
            new Int32Array(rows * length),
            workspace(slots * (2 * length + 1024)),
          ],
          [rows, length, type, slots],
          [1, 2],
        );
        for (let row = 0; row < rows; row++) {
          const start = row * length;
          const order = Array.from({ length }, (_, i) => i).sort(
            (i, j) => compare(input[start + i], input[start + j]) || i - j,
          );
          expect(Array.from(indices.subarray(start, start + length))).toEqual(order);
          const expected = order.map((i) => bits[start + i]);
          expect(Array.from(bitsOf(keys).subarray(start, start + length))).toEqual(expected);
        }
      }),
    );
  });
});

describe("bucketSort", () => {
  const sortBuckets = (
    buckets: Int32Array,
    rows: number,
    numBuckets: number,
    slots = 2,
  ): readonly Int32Array[] => {
    const length = rows === 0 ? 0 : buckets.length / rows;
    const empty = new Int32Array(buckets.length);
    const [, order, inverse] = runInParts(
      "bucketSort",
      [buckets, empty, empty.slice(), workspace(slots * numBuckets)],
      [rows, length, numBuckets, slots],
      [1, 2],
    );
    return [order as Int32Array, inverse as Int32Array];
  };

  test("is the stable order of the clamped buckets, and its inverse", () => {
    const shapes = fc.record({
      rows: fc.integer({ min: 0, max: 5 }),
      length: fc.integer({ min: 0, max: 80 }),
      numBuckets: fc.integer({ min: 1, max: 20 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(shapes, ({ rows, length, numBuckets, seed }) => {
        const buckets = randomIntegers(rows * length, -2, numBuckets + 1, seed);
        const [order, inverse] = sortBuckets(buckets, rows, numBuckets);
        for (let row = 0; row < rows; row++) {
          const start = row * length;
          const bucket = (i: number): number =>
            Math.min(Math.max(buckets[start + i], 0), numBuckets - 1);
          const expected = Array.from({ length }, (_, i) => i).sort(
            (i, j) => bucket(i) - bucket(j) || i - j,
          );
          expect(Array.from(order.subarray(start, start + length))).toEqual(expected);
          expected.forEach((token, slot) => expect(inverse[start + token]).toBe(slot));
        }
      }),
    );
  });

  const length = 2 ** 20;
  const numBuckets = 8192;
  test.each([
    ["uniform", randomIntegers(length, 0, numBuckets - 1, 1)],
    [
      "skewed",
      randomIntegers(length, 0, numBuckets - 1, 2).map((b) =>
        Math.floor((b * b * b) / numBuckets ** 2),
      ),
    ],
    ["all equal", new Int32Array(length).fill(5000)],
  ])("is stable at 2^20 tokens in 8,192 %s buckets", (_, buckets) => {
    const empty = new Int32Array(length);
    const [, order, inverse] = run(
      "bucketSort",
      [buckets, empty, empty.slice(), workspace(numBuckets)],
      [1, length, numBuckets, 1],
    );
    let misplaced = 0;
    for (let slot = 0; slot < length; slot++) {
      if (inverse[order[slot]] !== slot) misplaced++;
      if (slot === 0) continue;
      const step = buckets[order[slot]] - buckets[order[slot - 1]];
      if (step < 0 || (step === 0 && order[slot] < order[slot - 1])) misplaced++;
    }
    expect(misplaced).toBe(0);
  });
});
