import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { run, runInParts } from "../../support/kernels.ts";
import { randomFloats, randomIntegers } from "../../support/random-words.ts";

const clamp = (i: number, n: number): number => Math.min(Math.max(i, 0), n - 1);

const sizes = fc.record({
  batch: fc.integer({ min: 0, max: 3 }),
  n: fc.integer({ min: 1, max: 9 }),
  inner: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(16, 33, 1030)),
  m: fc.integer({ min: 0, max: 12 }),
  seed: fc.integer(),
});

describe("gatherRows", () => {
  test("copies the rows at clamped indices", () => {
    fc.assert(
      fc.property(sizes, ({ batch, n, inner, m, seed }) => {
        const x = randomIntegers(batch * n * inner, -1000, 1000, seed);
        const indices = randomIntegers(batch * m, -2, n + 2, seed + 1);
        const [, , out] = runInParts(
          "gatherRows",
          [x, indices, new Int32Array(batch * m * inner)],
          [batch, n, inner, m],
          [2],
        );
        const expected = out.map((_, at) => {
          const row = Math.floor(at / inner);
          const b = Math.floor(row / m);
          return x[(b * n + clamp(indices[row], n)) * inner + (at % inner)];
        });
        expect(out).toEqual(expected);
      }),
    );
  });

  test("gives zeros when there is no row", () => {
    const [, , out] = run(
      "gatherRows",
      [new Int32Array(0), Int32Array.of(0, 3), new Int32Array(6).fill(9)],
      [1, 0, 3, 2],
    );
    expect(out).toEqual(new Int32Array(6));
  });
});

describe("permuteRows", () => {
  test("is undone by the inverse permutation", () => {
    fc.assert(
      fc.property(sizes, ({ batch, n: length, inner: width, seed }) => {
        const x = randomFloats(batch * length * width, seed);
        const permutation = new Int32Array(batch * length);
        const inverse = new Int32Array(batch * length);
        for (let b = 0; b < batch; b++) {
          const ranks = randomFloats(length, seed + b);
          const order = Array.from(ranks.keys()).sort((i, j) => ranks[i] - ranks[j]);
          order.forEach((token, slot) => {
            permutation[b * length + slot] = token;
            inverse[b * length + token] = slot;
          });
        }
        const sized = [batch, length, width];
        const [, , permuted] = runInParts(
          "permuteRows",
          [x, permutation, x.slice().fill(0)],
          sized,
          [2],
        );
        const [, , restored] = run("permuteRows", [permuted, inverse, x.slice().fill(0)], sized);
        expect(permuted).toEqual(
          x.map((_, at) => {
            const row = Math.floor(at / width);
            return x[(Math.floor(row / length) * length + permutation[row]) * width + (at % width)];
          }),
        );
        expect(restored).toEqual(x);
      }),
    );
  });
});

describe("scatterAddRows", () => {
  test.each([0, 1])(
    "adds in ascending order and drops rows out of range (float: %i)",
    (isFloat) => {
      fc.assert(
        fc.property(sizes, ({ batch, n, inner, m, seed }) => {
          const draw = (size: number, from: number): Int32Array | Float32Array =>
            isFloat
              ? randomFloats(size, from)
              : randomIntegers(size, -(2 ** 31), 2 ** 31 - 1, from);
          const x = draw(batch * n * inner, seed);
          const updates = draw(batch * m * inner, seed + 1);
          const indices = randomIntegers(batch * m, -2, n + 2, seed + 2);
          const [, , out] = runInParts(
            "scatterAddRows",
            [indices, updates, x],
            [batch, n, inner, m, isFloat],
            [2],
          );
          const expected = x.slice();
          for (let row = 0; row < batch * m; row++) {
            if (indices[row] < 0 || indices[row] >= n) continue;
            const target = (Math.floor(row / m) * n + indices[row]) * inner;
            for (let i = 0; i < inner; i++) expected[target + i] += updates[row * inner + i];
          }
          expect(out).toEqual(expected);
        }),
      );
    },
  );
});

describe("dynamicSlice and dynamicUpdateSlice", () => {
  const axis = fc.record({
    size: fc.integer({ min: 0, max: 7 }),
    outside: fc.integer({ min: 0, max: 4 }),
    start: fc.integer({ min: -3, max: 9 }),
  });
  /** Long enough that a row is shared out in pieces. */
  const long = fc.constant([
    { size: 2, outside: 1, start: 1 },
    { size: 5000, outside: 7, start: 3 },
  ]);
  const blocks = fc.oneof(
    { weight: 19, arbitrary: fc.array(axis, { maxLength: 4 }) },
    { weight: 1, arbitrary: long },
  );

  test("cut out and put back the block at the clamped starts", () => {
    fc.assert(
      fc.property(blocks, (axes) => {
        const shape = axes.map(({ size, outside }) => size + outside);
        const block = axes.map(({ size }) => size);
        const total = shape.reduce((a, b) => a * b, 1);
        const count = block.reduce((a, b) => a * b, 1);
        const x = Int32Array.from({ length: total }, (_, i) => i);
        const starts = Array.from({ length: 8 }, (_, i) => Int32Array.of(axes[i]?.start ?? -77));
        const sized = [shape.length, ...shape, ...block];

        const offsets = Array.from({ length: count }, (_, element) => {
          let rest = element;
          let offset = 0;
          let stride = 1;
          for (let a = shape.length - 1; a >= 0; a--) {
            const start = Math.min(Math.max(axes[a].start, 0), shape[a] - block[a]);
            offset += (start + (rest % block[a])) * stride;
            rest = Math.floor(rest / block[a]);
            stride *= shape[a];
          }
          return offset;
        });
        const [, cut] = runInParts(
          "dynamicSlice",
          [x, new Int32Array(count), ...starts],
          sized,
          [1],
        );
        expect(cut).toEqual(Int32Array.from(offsets, (offset) => x[offset]));

        const update = Int32Array.from({ length: count }, (_, i) => -1 - i);
        const [, updated] = runInParts("dynamicUpdateSlice", [update, x, ...starts], sized, [1]);
        const expected = x.slice();
        offsets.forEach((offset, i) => (expected[offset] = update[i]));
        expect(updated).toEqual(expected);
      }),
    );
  });
});
