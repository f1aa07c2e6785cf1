import fc from "fast-check";
import { expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import * as np from "../../src/numpy/index.ts";
import { describeBackends } from "../support/backends.ts";
import { counting, expectElements, reader } from "../support/grid.ts";

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const withPermutation = shape.chain((sizes) => {
  const axes = sizes.map((_, axis) => axis);
  return fc.tuple(fc.constant(sizes), fc.shuffledSubarray(axes, { minLength: axes.length }));
});
const runs = { numRuns: 20 };

describeBackends("axes", () => {
  test("transpose equals a loop", () => {
    fc.assert(
      fc.property(withPermutation, ([sizes, permutation]) => {
        const x = counting(sizes);
        const at = reader(x);
        const result = np.transpose(x, permutation);
        expectElements(
          result,
          permutation.map((axis) => sizes[axis]),
          (index) => {
            const source = [...index];
            permutation.forEach((axis, i) => (source[axis] = index[i]));
            return at(...source);
          },
        );
        const inverse = permutation.map((_, i) => permutation.indexOf(i));
        expect(np.arrayEqual(np.transpose(result, inverse), x)).toBe(true);
      }),
      runs,
    );
  });

  test("moveaxis and swapaxes by shapes", () => {
    const x = np.zeros([2, 3, 4, 5]);
    expect(np.transpose(x).shape).toEqual([5, 4, 3, 2]);
    expect(np.moveaxis(x, 0, -1).shape).toEqual([3, 4, 5, 2]);
    expect(np.moveaxis(x, [0, 1], [-1, -2]).shape).toEqual([4, 5, 3, 2]);
    expect(np.moveaxis(x, -1, 1).shape).toEqual([2, 5, 3, 4]);
    expect(np.swapaxes(x, 0, 2).shape).toEqual([4, 3, 2, 5]);
    expect(() => np.moveaxis(x, [0, 0], [1, 2])).toThrow(ShapeError);
    expect(() => np.transpose(x, [0, 1, 2])).toThrow(ShapeError);
  });

  test("reshape, ravel, expandDims, squeeze", () => {
    const x = np.arange(12);
    expect(np.reshape(x, [3, -1]).shape).toEqual([3, 4]);
    expect(np.reshape(x, -1).shape).toEqual([12]);
    expect(np.ravel(np.reshape(x, [3, 4])).toArray()).toEqual(x.toArray());
    expect(np.reshape(np.zeros([0, 3]), [-1, 3]).shape).toEqual([0, 3]);
    expect(() => np.reshape(x, [5, -1])).toThrow(ShapeError);
    expect(() => np.reshape(x, [-1, -1])).toThrow("Only one size");
    expect(np.expandDims(x, [0, 2]).shape).toEqual([1, 12, 1]);
    expect(np.squeeze(np.zeros([1, 2, 1, 3])).shape).toEqual([2, 3]);
    expect(np.squeeze(np.zeros([1, 2, 1]), -1).shape).toEqual([1, 2]);
    expect(() => np.squeeze(np.zeros([1, 2]), 1)).toThrow(ShapeError);
  });

  test("broadcastTo refuses what does not stretch", () => {
    expect(np.broadcastTo(np.ones([2, 1]), [3, 2, 2]).shape).toEqual([3, 2, 2]);
    expect(() => np.broadcastTo(np.ones([2]), [1])).toThrow(ShapeError);
    expect(() => np.broadcastTo(np.ones([1, 2]), [2])).toThrow(ShapeError);
  });
});

describeBackends("joining and splitting", () => {
  test("concatenate equals a loop, and split undoes it", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shape, fc.nat({ max: 3 }), lengths, (sizes, wanted, parts) => {
        const axis = wanted % sizes.length;
        const sized = (n: number): number[] => sizes.map((size, i) => (i === axis ? n : size));
        const arrays = parts.map((n, i) => counting(sized(n), "i32", i));
        const total = parts.reduce((a, b) => a + b, 0);
        const starts = parts.map((_, i) => parts.slice(0, i).reduce((a, b) => a + b, 0));
        const joined = np.concatenate(arrays, axis);
        expectElements(joined, sized(total), (index) => {
          const part = starts.findLastIndex((start, i) => start <= index[axis] && parts[i] > 0);
          return reader(arrays[part])(...index.map((n, i) => (i === axis ? n - starts[part] : n)));
        });
        np.split(joined, starts.slice(1), axis).forEach((part, i) => {
          expect(np.arrayEqual(part, arrays[i])).toBe(true);
        });
      }),
      runs,
    );
  });

  test("stack, equal parts, dtypes and errors", () => {
    expect(
      np
        .stack(
          [
            [1, 2],
            [3, 4],
          ],
          -1,
        )
        .toArray(),
    ).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(np.split(np.arange(6), 3).map((part) => part.toArray())).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(np.split(np.arange(3), [-1, 9]).map((part) => part.shape)).toEqual([[2], [1], [0]]);
    expect(np.concatenate([np.ones(1, "i32"), [0.5]]).dtype).toBe("f32");
    expect(() => np.split(np.arange(5), 2)).toThrow(ShapeError);
    expect(() => np.concatenate([])).toThrow(ShapeError);
    expect(() => np.concatenate([np.ones([2, 2]), np.ones([3, 3])])).toThrow(ShapeError);
    expect(() => np.stack([[1], [1, 2]])).toThrow(ShapeError);
  });

  test("fixed point keeps its words", () => {
    const x = np.array([0.5, -1.25], "q32.20");
    expect(np.flip(np.concatenate([x, x])).dtype).toBe("q32.20");
    expect(np.flip(np.concatenate([x, x])).toArray()).toEqual([-1.25, 0.5, -1.25, 0.5]);
  });
});

describeBackends("moving elements", () => {
  test("flip, roll, repeat, tile and pad equal loops", () => {
    fc.assert(
      fc.property(
        shape,
        fc.nat({ max: 3 }),
        fc.integer({ min: -5, max: 5 }),
        (sizes, wanted, n) => {
          const axis = wanted % sizes.length;
          const x = counting(sizes);
          const at = reader(x);
          const moved = (index: readonly number[], f: (i: number) => number): number =>
            at(...index.map((i, position) => (position === axis ? f(i) : i)));
          const resized = (f: (size: number) => number): number[] =>
            sizes.map((size, i) => (i === axis ? f(size) : size));
          const size = sizes[axis];
          const times = Math.abs(n % 3);
          expectElements(np.flip(x, axis), sizes, (index) => moved(index, (i) => size - 1 - i));
          expectElements(np.roll(x, n, axis), sizes, (index) =>
            moved(index, (i) => (i - n + 5 * size) % size),
          );
          expectElements(
            np.repeat(x, times, axis),
            resized((s) => s * times),
            (index) => moved(index, (i) => Math.floor(i / times)),
          );
          expectElements(
            np.tile(
              x,
              resized((s) => s).map((_, i) => (i === axis ? times : 1)),
            ),
            resized((s) => s * times),
            (index) => moved(index, (i) => i % size),
          );
          const widths = sizes.map((_, i): [number, number] => (i === axis ? [times, 1] : [0, 0]));
          expectElements(
            np.pad(x, widths, 9),
            resized((s) => s + times + 1),
            (index) => {
              const i = index[axis] - times;
              return i >= 0 && i < size ? moved(index, () => i) : 9;
            },
          );
        },
      ),
      runs,
    );
  });

  test("without an axis", () => {
    expect(
      np
        .flip([
          [1, 2],
          [3, 4],
        ])
        .toArray(),
    ).toEqual([
      [4, 3],
      [2, 1],
    ]);
    expect(
      np
        .roll(
          [
            [1, 2],
            [3, 4],
          ],
          -1,
        )
        .toArray(),
    ).toEqual([
      [2, 3],
      [4, 1],
    ]);
    expect(
      np
        .repeat(
          [
            [1, 2],
            [3, 4],
          ],
          2,
        )
        .toArray(),
    ).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    expect(np.tile([1, 2], [2, 1, 2]).shape).toEqual([2, 1, 4]);
    expect(np.pad([[1]], 1).toArray()).toEqual([
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]);
    expect(np.pad([[1]], [0, 1], 2).toArray()).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(() => np.pad([[1]], [[1, 2]])).toThrow(ShapeError);
  });
});

describeBackends("creation", () => {
  test("fills and ranges", () => {
    expect(np.full([2], [1, 2]).toArray()).toEqual([1, 2]);
    expect(np.full([2], true).dtype).toBe("bool");
    expect(np.fullLike(np.zeros(2, "i32"), 3).toArray()).toEqual([3, 3]);
    expect(np.onesLike(np.array([0.5], "q32.20")).toArray()).toEqual([1]);
    expect(np.zerosLike([true]).dtype).toBe("bool");
    expect(np.arange(3).dtype).toBe("i32");
    expect(np.arange(0.5, 3).toArray()).toEqual([0.5, 1.5, 2.5]);
    expect(np.arange(5, 0, -2).toArray()).toEqual([5, 3, 1]);
    expect(np.arange(3, 1).shape).toEqual([0]);
    expect(np.arange(0, 3, 1, "f32").dtype).toBe("f32");
    expect(np.linspace(-1, 1, 5).toArray()).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(np.linspace(0, 1, 4, { endpoint: false }).toArray()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(np.linspace(3, 9, 1).toArray()).toEqual([3]);
    const ends = np.linspace(0.1, 0.7, 11).dataSync();
    expect([ends[0], ends[10]]).toEqual([Math.fround(0.1), Math.fround(0.7)]);
    expect(() => np.arange(0, 1, 0)).toThrow(ShapeError);
    expect(() => np.zeros([-1])).toThrow(ShapeError);
  });

  test("diagonals", () => {
    for (const offset of [-3, -1, 0, 2, 4]) {
      const x = counting([3, 4]);
      const at = reader(x);
      const on = (i: number, j: number): boolean => j - i === offset;
      expectElements(np.eye(3, 4, offset), [3, 4], ([i, j]) => Number(on(i, j)));
      expectElements(np.tri(3, 4, offset), [3, 4], ([i, j]) => Number(j - i <= offset));
      expectElements(np.tril(x, offset), [3, 4], ([i, j]) => (j - i <= offset ? at(i, j) : 0));
      expectElements(np.triu(x, offset), [3, 4], ([i, j]) => (j - i >= offset ? at(i, j) : 0));
      const length = [0, 1, 2].filter((i) => i + offset >= 0 && i + offset < 4).length;
      expectElements(np.diagonal(x, offset), [length], ([i]) =>
        at(i + Math.max(0, -offset), i + Math.max(0, offset)),
      );
      const vector = counting([2]);
      const size = 2 + Math.abs(offset);
      expectElements(np.diag(vector, offset), [size, size], ([i, j]) =>
        on(i, j) ? reader(vector)(i - Math.max(0, -offset)) : 0,
      );
      expect(np.diag(np.diag(vector, offset), offset).toArray()).toEqual(vector.toArray());
    }
  });

  test("diagonals of other axes", () => {
    const x = counting([2, 3, 2]);
    expectElements(np.diagonal(x, 0, 0, 2), [3, 2], ([i, j]) => reader(x)(j, i, j));
    expect(
      np
        .trace([
          [1, 2],
          [3, 4],
        ])
        .item(),
    ).toBe(5);
    expect(np.identity(2, "bool").toArray()).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(() => np.diag(np.zeros([1, 1, 1]))).toThrow(ShapeError);
    expect(() => np.tril([1])).toThrow(ShapeError);
  });

  test("running sums, products and differences", () => {
    const x = [3, -1, 4, -1, 5, -2, 6];
    const running = (f: (a: number, b: number) => number): number[] =>
      x.map((_, i) => x.slice(0, i + 1).reduce(f));
    expect(np.cumsum(x).toArray()).toEqual(running((a, b) => a + b));
    expect(np.cumprod(x).toArray()).toEqual(running((a, b) => a * b));
    expect(
      np
        .cumsum(
          [
            [1, 2],
            [3, 4],
          ],
          0,
        )
        .toArray(),
    ).toEqual([
      [1, 2],
      [4, 6],
    ]);
    expect(
      np
        .cumsum([
          [1, 2],
          [3, 4],
        ])
        .toArray(),
    ).toEqual([1, 3, 6, 10]);
    expect(
      np
        .cumprod(
          [
            [1, 2],
            [3, 4],
          ],
          1,
        )
        .toArray(),
    ).toEqual([
      [1, 2],
      [3, 12],
    ]);
    expect(np.cumprod(np.zeros([0])).shape).toEqual([0]);
    expect(np.diff(x, 2).toArray()).toEqual(
      x.slice(2).map((_, i) => x[i + 2] - 2 * x[i + 1] + x[i]),
    );
    expect(np.diff([1], 3).shape).toEqual([0]);
    expect(
      np
        .diff(
          [
            [1, 5],
            [2, 7],
          ],
          1,
          0,
        )
        .toArray(),
    ).toEqual([[1, 2]]);
  });

  test("closeness", () => {
    expect(np.allclose([1, Infinity], [1, Infinity])).toBe(true);
    expect(np.allclose([1, Infinity], [1, -Infinity])).toBe(false);
    expect(np.allclose([1e30], [Infinity])).toBe(false);
    expect(np.allclose([NaN], [NaN])).toBe(false);
    expect(np.allclose([NaN], [NaN], { equalNaN: true })).toBe(true);
    expect(np.allclose([1, 1], 1.1, { absolute: 0.11 })).toBe(true);
    expect(np.allclose([1], [1.1])).toBe(false);
    expect(np.arrayEqual([1, NaN], [1, NaN])).toBe(false);
    expect(np.arrayEqual([1], [1, 1])).toBe(false);
  });
});
