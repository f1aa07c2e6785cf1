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

/**
 * Running sums by the digits of a position in base 4: the branches before its own on each level, added from zero, from the highest
 * level to the lowest, then its own leaf up to and with it, or without.
 */
function sumsByDigits(x: readonly number[], round: (sum: number) => number, own: boolean) {
  const levels: (readonly number[])[] = [x];
  for (let top = x; top.length > 4; levels.push(top)) {
    top = Array.from({ length: Math.ceil(top.length / 4) }, (_, i) =>
      top.slice(4 * i, 4 * i + 4).reduce((sum, value) => round(sum + value), 0),
    );
  }
  return x.map((_, at) =>
    levels.reduceRight((before, values, level) => {
      const here = Math.floor(at / 4 ** level);
      const end = own && level === 0 ? here + 1 : here;
      const among = values
        .slice(here - (here % 4), end)
        .reduce((sum, value) => round(sum + value), 0);
      return round(before + among);
    }, 0),
  );
}

describe("cumulative", () => {
  const lengths = fc.oneof(
    fc.integer({ min: 0, max: 70 }),
    fc.constantFrom(255, 256, 257, 300, 321, 4096, 4097, 4500, 8300),
  );
  const inners = fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 37 }));

  test.each([0, 1])("adds in a tree of fours, however it is cut (op %i)", (op) => {
    const round = op === 0 ? Math.fround : (sum: number) => sum | 0;
    fc.assert(
      fc.property(
        fc.record({ outer: fc.integer({ min: 0, max: 3 }), length: lengths, inner: inners }),
        fc.record({ reverse: fc.boolean(), exclusive: fc.boolean(), seed: fc.integer() }),
        fc.constantFrom(4, 16, 64, 256, 4096, 65536),
        ({ outer, length, inner }, { reverse, exclusive, seed }, chunk) => {
          fc.pre(outer * length * inner < 30_000);
          const total = outer * length * inner;
          const input = op === 0 ? randomFloats(total, seed) : randomWords(total, seed);
          const sizes = [outer, length, inner, op, Number(reverse)];
          const out = input.slice().fill(0);
          const runs = (mode: number, size: number) =>
            runInParts("cumulative", [input, out, input], [...sizes, size, mode], [1])[1];
          const expected = out.slice();
          for (let column = 0; column < outer * inner; column++) {
            const places = Array.from(
              { length },
              (_, l) => (Math.floor(column / inner) * length + l) * inner + (column % inner),
            );
            const line = reverse ? places.reverse() : places;
            const values = line.map((place) => input[place]);
            const sums = sumsByDigits(values, round, !exclusive);
            sums.forEach((sum, l) => (expected[line[l]] = sum));
          }
          const mode = exclusive ? 2 : 0;
          expect(runs(mode, length)).toEqual(expected);
          const inPlace = [input, input, input];
          expect(runInParts("cumulative", inPlace, [...sizes, length, mode], [0])[0]).toEqual(
            expected,
          );
          if (exclusive) return;
          const chunks = Math.ceil(length / chunk);
          const empty = input.slice(0, 0);
          const totals = input.slice(0, outer * chunks * inner);
          const ends = runInParts(
            "cumulative",
            [input, totals, empty],
            [...sizes, chunk, 3],
            [1],
          )[1];
          const before = runInParts(
            "cumulative",
            [ends, totals, empty],
            [outer, chunks, inner, op, 0, chunks, 2],
            [1],
          )[1];
          expect(
            runInParts("cumulative", [input, out, before], [...sizes, chunk, 1], [1])[1],
          ).toEqual(expected);
        },
      ),
    );
  });
});
