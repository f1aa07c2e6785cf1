import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wordsOf, type Words } from "../../../src/core/dtype.ts";
import { bitsOf, runInParts } from "../../support/kernels.ts";
import { randomFloats, randomWords } from "../../support/random-words.ts";

type Fold = (a: number, b: number) => number;

const maxOrNaN: Fold = (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b));
const minOrNaN: Fold = (a, b) => -maxOrNaN(-a, -b);

/** Operations whose result does not depend on the order, by code: dtype, neutral element, fold. */
const exactOps: readonly (readonly [number, string, "f32" | "i32" | "u32", number, Fold])[] = [
  [2, "maxF32", "f32", -Infinity, maxOrNaN],
  [3, "minF32", "f32", Infinity, minOrNaN],
  [4, "sumI32", "i32", 0, (a, b) => (a + b) | 0],
  [5, "productI32", "i32", 1, Math.imul],
  [6, "maxI32", "i32", -(2 ** 31), Math.max],
  [7, "minI32", "i32", 2 ** 31 - 1, Math.min],
  [8, "maxU32", "u32", 0, Math.max],
  [9, "minU32", "u32", 2 ** 32 - 1, Math.min],
  [10, "and", "i32", 1, (a, b) => a & b],
  [11, "or", "i32", 0, (a, b) => a | b],
];

interface Layout {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

function reducedPlainly(
  input: Words,
  { outer, length, inner }: Layout,
  start: number,
  fold: Fold,
): number[] {
  return Array.from({ length: outer * inner }, (_, o) => {
    const first = Math.floor(o / inner) * length * inner + (o % inner);
    return Array.from({ length }, (_, l) => input[first + l * inner]).reduce(
      (a, b) => fold(a, b),
      start,
    );
  });
}

const layouts = fc.record({
  outer: fc.integer({ min: 0, max: 4 }),
  length: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(33, 511, 513, 1030)),
  inner: fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 21 })),
});

const sizeOfInput = ({ outer, length, inner }: Layout): number => outer * length * inner;

describe("reduce", () => {
  test.each(exactOps)("op %i, %s, is exact", (op, _, dtype, neutral, fold) => {
    fc.assert(
      fc.property(layouts, fc.integer(), (layout, seed) => {
        const bits = randomWords(sizeOfInput(layout), seed);
        if (op >= 10)
          bits.forEach((word, i) => (bits[i] = (word >>> 20) % 5 === 0 ? 11 - op : op - 10));
        const input = wordsOf(dtype, bits.buffer);
        const { outer, length, inner } = layout;
        const out = wordsOf(dtype, new ArrayBuffer(4 * outer * inner));
        // NaN bits are the engine's choice; the values are compared below.
        const compared = dtype === "f32" ? [] : [1];
        const [, got] = runInParts("reduce", [input, out], [outer, length, inner, op], compared);
        const expected = wordsOf(dtype, new ArrayBuffer(4 * outer * inner));
        expected.set(reducedPlainly(input, layout, neutral, fold));
        expect(got).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [0, "sum", 0, (a: number, b: number) => a + b],
    [1, "product", 1, (a: number, b: number) => a * b],
  ] as const)(
    "op %i, float %s, is close to the one in double precision",
    (op, _, neutral, fold) => {
      fc.assert(
        fc.property(layouts, fc.integer(), (layout, seed) => {
          const { outer, length, inner } = layout;
          const input = randomFloats(sizeOfInput(layout), seed).map((x) =>
            op === 1 ? 1 + x / 4096 : x,
          );
          const out = new Float32Array(outer * inner);
          const [, got] = runInParts("reduce", [input, out], [outer, length, inner, op], [1]);
          const expected = reducedPlainly(input, layout, neutral, fold);
          const magnitude = reducedPlainly(input.map(Math.abs), layout, neutral, fold);
          // The longest chain of additions: 64 in a block and 9 between blocks, or 32 + 32 + superblocks.
          const chain = 64 + 9;
          got.forEach((value, i) => {
            expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(
              chain * 2 ** -24 * magnitude[i] + 1e-30,
            );
          });
        }),
      );
    },
  );

  test("a float sum has the documented order: blocks of 512 in 8 lanes, pairwise", () => {
    for (const length of [0, 1, 3, 5, 8, 511, 512, 513, 1024, 1025, 3000, 5200]) {
      const input = randomFloats(length, length + 1);
      const [, got] = runInParts("reduce", [input, new Float32Array(1)], [1, length, 1, 0], [1]);
      expect(got[0]).toBe(sumByTree(input));
    }
  });

  test("column sums have the documented order: 32 rows, 32 blocks, super-blocks", () => {
    for (const length of [0, 1, 31, 33, 1024, 1025, 2100]) {
      for (const inner of [2, 5, 16, 23, 40]) {
        const input = randomFloats(length * inner, length + inner);
        const [, got] = runInParts(
          "reduce",
          [input, new Float32Array(inner)],
          [1, length, inner, 0],
          [1],
        );
        const column = (c: number): number[] =>
          Array.from({ length }, (_, row) => input[row * inner + c]);
        expect(Array.from(got)).toEqual(
          Array.from({ length: inner }, (_, c) => sumByBlocks(column(c))),
        );
      }
    }
  });

  test("max orders -0 below +0", () => {
    const input = Float32Array.of(-0, 0, -0, -0);
    const [, max] = runInParts("reduce", [input, new Float32Array(2)], [2, 2, 1, 2], [1]);
    expect(bitsOf(max)).toEqual(Int32Array.of(0, -(2 ** 31)));
  });
});

const add32 = (a: number, b: number): number => Math.fround(a + b);

function sumByTree(values: Float32Array): number {
  if (values.length <= 512) {
    const lane = Array.from({ length: 8 }, (_, j) =>
      values.filter((_, i) => i % 8 === j).reduce(add32, 0),
    );
    return add32(
      add32(add32(lane[0], lane[4]), add32(lane[2], lane[6])),
      add32(add32(lane[1], lane[5]), add32(lane[3], lane[7])),
    );
  }
  const blocks = Math.ceil(values.length / 512);
  let left = 1;
  while (left * 2 < blocks) left *= 2;
  return add32(sumByTree(values.subarray(0, left * 512)), sumByTree(values.subarray(left * 512)));
}

const chunksOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );

const sumByBlocks = (values: readonly number[]): number =>
  chunksOf(values, 1024)
    .map((superBlock) =>
      chunksOf(superBlock, 32)
        .map((block) => block.reduce(add32, 0))
        .reduce(add32, 0),
    )
    .reduce(add32, 0);
