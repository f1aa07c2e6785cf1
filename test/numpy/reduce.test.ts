import fc from "fast-check";
import { expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import * as np from "../../src/numpy/index.ts";
import { expectClose } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { build, counting, expectElements, indicesOf, reader, type Index } from "../support/grid.ts";

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

type Case = [string, typeof np.sum, (xs: readonly number[]) => number];

const reductions: Case[] = [
  ["sum", np.sum, total],
  ["prod", np.prod, (xs) => xs.reduce((a, b) => a * b, 1)],
  ["max", np.max, (xs) => Math.max(...xs)],
  ["min", np.min, (xs) => Math.min(...xs)],
  ["any", np.any, (xs) => Number(xs.some((x) => x !== 0))],
  ["all", np.all, (xs) => Number(xs.every((x) => x !== 0))],
];

const shapeAndAxes = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.option(fc.subarray(shape.map((_, axis) => axis)), { nil: undefined }),
      fromEnd: fc.boolean(),
      keepDims: fc.boolean(),
    }),
  );

describeBackends("reductions", () => {
  test.each(reductions)("%s equals a loop", (_name, reduce, loop) => {
    fc.assert(
      fc.property(
        shapeAndAxes,
        fc.constantFrom("f32", "i32"),
        ({ shape, axes, fromEnd, keepDims }, dtype) => {
          const x = build(shape, (index) => (index.reduce((a, b) => 3 * a + b, 1) % 3) - 1, dtype);
          const at = reader(x);
          const reduced = axes ?? shape.map((_, axis) => axis);
          const given = fromEnd ? axes?.map((axis) => axis - shape.length) : axes;
          const kept = shape.map((n, axis) => (reduced.includes(axis) ? 1 : n));
          const result = reduce(x, given, { keepDims });
          const squeezed = kept.filter((_, axis) => !reduced.includes(axis));
          const group = (index: Index): number[] =>
            indicesOf(shape)
              .filter((full) =>
                kept.every((_, axis) => reduced.includes(axis) || full[axis] === index[axis]),
              )
              .map((full) => at(...full));
          const full = np.reshape(result, kept);
          expect(result.shape).toEqual(keepDims ? kept : squeezed);
          expectElements(full, kept, (index) => loop(group(index)));
        },
      ),
      { numRuns: 25 },
    );
  });

  test("dtypes", () => {
    expect(np.sum([true, true]).dtype).toBe("i32");
    expect(np.sum(np.ones(3, "u32")).dtype).toBe("u32");
    expect(np.max(np.ones(3, "i32")).dtype).toBe("i32");
    expect(np.all([1, 2]).dtype).toBe("bool");
    expect(np.mean(np.array([1, 2], "i32")).dtype).toBe("f32");
  });

  test("nothing", () => {
    expect(np.sum(np.zeros([0, 2]), 0).toArray()).toEqual([0, 0]);
    expect(np.prod(np.zeros([0])).item()).toBe(1);
    expect(np.all(np.zeros([0])).toArray()).toBe(true);
    expect(np.any(np.zeros([0])).toArray()).toBe(false);
    expect(() => np.max(np.zeros([0]))).toThrow(ShapeError);
    expect(np.max(np.zeros([0, 2]), 1).shape).toEqual([0]);
    expect(() => np.argmax(np.zeros([2, 0]), 1)).toThrow(ShapeError);
  });

  test("NaN wins", () => {
    expect(np.max([1, NaN, 2]).item()).toBeNaN();
    expect(np.min([1, NaN, 2]).item()).toBeNaN();
  });

  test("axes that do not exist, or twice", () => {
    expect(() => np.sum([1, 2], 1)).toThrow(ShapeError);
    expect(() => np.sum([[1]], [0, -2])).toThrow("twice");
  });

  test("mean, variance and deviation", () => {
    const x = counting([3, 5]);
    const rows = [0, 1, 2].map((i) => [0, 1, 2, 3, 4].map((j) => reader(x)(i, j)));
    const mean = rows.map((row) => total(row) / 5);
    const squares = rows.map((row, i) => total(row.map((value) => (value - mean[i]) ** 2)));
    const close = { absolute: 1e-6, relative: 1e-6 };
    expectClose(np.mean(x, 1).dataSync(), mean, close, "mean");
    expectClose(
      np.variance(x, 1).dataSync(),
      squares.map((s) => s / 5),
      close,
      "variance",
    );
    expectClose(
      np.variance(x, 1, { correction: 1 }).dataSync(),
      squares.map((s) => s / 4),
      close,
      "unbiased",
    );
    expectClose(
      np.std(x, -1, { keepDims: true }).dataSync(),
      squares.map((s) => Math.sqrt(s / 5)),
      close,
      "std",
    );
    expect(np.std(x, -1, { keepDims: true }).shape).toEqual([3, 1]);
  });
});

describeBackends("argmax and argmin", () => {
  test("lowest index at ties, NaN first", () => {
    expect(
      np
        .argmax(
          [
            [1, 3, 3],
            [2, 0, 2],
          ],
          1,
        )
        .toArray(),
    ).toEqual([1, 0]);
    expect(
      np
        .argmin(
          [
            [1, 3, 1],
            [2, 0, 0],
          ],
          1,
        )
        .toArray(),
    ).toEqual([0, 1]);
    expect(np.argmax([1, NaN, 9, NaN]).item()).toBe(1);
    expect(np.argmin([1, NaN, -9]).item()).toBe(1);
  });

  test("axes, flattening, keepDims, bool", () => {
    const x = np.array(
      [
        [1, 9],
        [7, 3],
      ],
      "i32",
    );
    expect(np.argmax(x).item()).toBe(1);
    expect(np.argmax(x, 0).toArray()).toEqual([1, 0]);
    expect(np.argmax(x, 0, { keepDims: true }).shape).toEqual([1, 2]);
    expect(np.argmax(x, undefined, { keepDims: true }).toArray()).toEqual([[1]]);
    expect(np.argmax([false, true, true]).item()).toBe(1);
    expect(np.argmax(x, 1).dtype).toBe("i32");
  });
});
