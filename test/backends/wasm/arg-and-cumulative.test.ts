import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wordsOf } from "../../../src/core/dtype.ts";
import { runInParts } from "../../support/kernels.ts";
import { randomFloats, randomIntegers, randomWords } from "../../support/random-words.ts";

const layouts = fc.record({
  outer: fc.integer({ min: 0, max: 4 }),
  length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(33, 130)),
  inner: fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 21 })),
  seed: fc.integer(),
});

describe("argReduce", () => {
  const ops = [
    [0, "f32", 1],
    [1, "f32", -1],
    [2, "i32", 1],
    [3, "i32", -1],
    [4, "u32", 1],
    [5, "u32", -1],
  ] as const;

  test.each(ops)(
    "op %i on %s: lowest index wins ties, the first NaN wins",
    (op, dtype, direction) => {
      fc.assert(
        fc.property(layouts, fc.boolean(), ({ outer, length, inner, seed }, withTies) => {
          const total = outer * length * inner;
          const input = withTies
            ? wordsOf(dtype, new ArrayBuffer(4 * total))
            : wordsOf(dtype, randomWords(total, seed).buffer);
          if (withTies) {
            const few = dtype === "f32" ? [-1, -0, 0, 1, Number.NaN] : [0, 1, -1, 2 ** 31, 5];
            const choices = randomIntegers(total, 0, seed % 3 === 0 ? 4 : 3, seed);
            choices.forEach((choice, i) => (input[i] = few[choice]));
          }
          const [, got] = runInParts(
            "argReduce",
            [input, new Int32Array(outer * inner)],
            [outer, length, inner, op],
            [1],
          );
          const beats = (a: number, b: number): boolean =>
            (a - b) * direction > 0 || (Number.isNaN(a) && !Number.isNaN(b));
          const expected = got.map((_, o) => {
            const at = (l: number): number =>
              input[(Math.floor(o / inner) * length + l) * inner + (o % inner)];
            let best = 0;
            for (let l = 1; l < length; l++) if (beats(at(l), at(best))) best = l;
            return best;
          });
          expect(got).toEqual(expected);
        }),
      );
    },
  );
});

describe("cumulative", () => {
  test.each([0, 1])("adds one element after the other, either way (op %i)", (op) => {
    fc.assert(
      fc.property(layouts, fc.boolean(), ({ outer, length, inner, seed }, reverse) => {
        const total = outer * length * inner;
        const input = op === 0 ? randomFloats(total, seed) : randomWords(total, seed);
        const immediates = [outer, length, inner, op, reverse ? 1 : 0];
        const [, got] = runInParts("cumulative", [input, input.slice().fill(0)], immediates, [1]);
        const expected = input.slice();
        for (let o = 0; o < outer; o++) {
          for (let i = 0; i < inner; i++) {
            const at = (l: number): number =>
              (o * length + (reverse ? length - 1 - l : l)) * inner + i;
            for (let l = 1; l < length; l++) expected[at(l)] += expected[at(l - 1)];
          }
        }
        expect(got).toEqual(expected);
      }),
    );
  });
});
