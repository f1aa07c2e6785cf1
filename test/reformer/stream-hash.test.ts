import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { init } from "../../src/index.ts";
import { streamHash } from "../../src/reformer/stack/stream-hash.ts";

const [rows, width] = [12, 5];
const size = rows * width;

type Words = readonly number[];

function hashOf(first: Words, second: Words, chunk = 4): string {
  const stream = (words: Words): Tensor =>
    tensorFrom("i32", [1, rows, width], Int32Array.from(words));
  const hash = streamHash({ first: stream(first), second: stream(second) }, chunk) as Tensor;
  expect(hash.shape).toEqual([2]);
  return String(hash.words());
}

const words = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), {
  minLength: size,
  maxLength: size,
});
const place = fc.nat({ max: size - 1 });

describe("the hash of two streams", () => {
  beforeAll(async () => {
    await init();
  });

  test("does not depend on how many rows are looked at together", () => {
    fc.assert(
      fc.property(words, words, fc.constantFrom(1, 3, 12), (first, second, chunk) => {
        expect(hashOf(first, second, chunk)).toBe(hashOf(first, second));
      }),
      { numRuns: 30 },
    );
  });

  test("shows a single bit that differs, in either stream", () => {
    fc.assert(
      fc.property(words, words, place, fc.nat({ max: 31 }), (first, second, at, bit) => {
        const other = (stream: Words): Words =>
          stream.map((word, i) => (i === at ? word ^ (1 << bit) : word));
        const hash = hashOf(first, second);
        expect(hashOf(other(first), second)).not.toBe(hash);
        expect(hashOf(first, other(second))).not.toBe(hash);
      }),
      { numRuns: 60 },
    );
  });

  test("shows words that changed places, and streams that did", () => {
    fc.assert(
      fc.property(words, words, place, place, (first, second, a, b) => {
        fc.pre(first[a] !== first[b]);
        const swapped = first.map((_, i) => first[i === a ? b : i === b ? a : i]);
        const hash = hashOf(first, second);
        expect(hashOf(swapped, second)).not.toBe(hash);
        expect(hashOf(second, first)).not.toBe(hash);
      }),
      { numRuns: 60 },
    );
  });
});
