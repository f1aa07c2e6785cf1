import fc from "fast-check";
import { expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import * as np from "../../src/numpy/index.ts";
import { describeBackends } from "../support/backends.ts";
import { build, counting, expectElements, indicesOf, reader } from "../support/grid.ts";

/** Positions of Python's start:stop:step, found by walking. */
function positions(
  size: number,
  start: number | undefined,
  stop: number | undefined,
  step: number,
): number[] {
  const forward = step > 0;
  const wrap = (bound: number): number => (bound < 0 ? bound + size : bound);
  const first = start === undefined ? (forward ? 0 : size - 1) : wrap(start);
  const end = stop === undefined ? (forward ? size : -1) : Math.max(-1, wrap(stop));
  const clampedFirst = forward ? Math.max(0, first) : Math.min(size - 1, first);
  const found: number[] = [];
  for (let i = clampedFirst; forward ? i < Math.min(size, end) : i > end && i >= 0; i += step)
    found.push(i);
  return found;
}

const bound = fc.option(fc.integer({ min: -6, max: 6 }), { nil: undefined });
const range = fc.tuple(bound, bound, fc.constantFrom(1, 2, 3, -1, -2));
const selector = fc.oneof(
  range.map(([start, stop, step]) => ({ kind: "range", start, stop, step }) as const),
  fc.nat({ max: 5 }).map((at) => ({ kind: "position", at }) as const),
);
const selections = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 })
  .chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.array(selector, { minLength: shape.length, maxLength: shape.length }),
    ),
  );

type Chosen = { selectors: np.Selector[]; chosen: number[][]; kept: boolean[] };

function choose([shape, selectors]: typeof selections extends fc.Arbitrary<infer T>
  ? T
  : never): Chosen {
  const parts = selectors.map((s, axis) =>
    s.kind === "range"
      ? {
          selector: np.slice(s.start, s.stop, s.step),
          positions: positions(shape[axis], s.start, s.stop, s.step),
          kept: true,
        }
      : {
          selector: (s.at % shape[axis]) - (s.at % 2) * shape[axis],
          positions: [s.at % shape[axis]],
          kept: false,
        },
  );
  return {
    selectors: parts.map((part) => part.selector),
    chosen: parts.map((part) => part.positions),
    kept: parts.map((part) => part.kept),
  };
}

const runs = { numRuns: 40 };

describeBackends("index and at", () => {
  test("equal Python's slices", () => {
    fc.assert(
      fc.property(selections, (selection) => {
        const [shape] = selection;
        const x = counting(shape);
        const { selectors, chosen, kept } = choose(selection);
        const expand = (index: readonly number[]): number[] => {
          let next = 0;
          return chosen.map((list, axis) => list[kept[axis] ? index[next++] : 0]);
        };
        const part = chosen.filter((_, axis) => kept[axis]).map((list) => list.length);
        expectElements(np.index(x, ...selectors), part, (index) => reader(x)(...expand(index)));

        const update = counting(part, "f32", 5);
        const setTo = new Map(
          indicesOf(part).map((index) => [expand(index).join(), reader(update)(...index)]),
        );
        expectElements(
          np.at(x, ...selectors).set(update),
          shape,
          (index) => setTo.get(index.join()) ?? reader(x)(...index),
        );
        expectElements(
          np.at(x, ...selectors).add(update),
          shape,
          (index) => (setTo.get(index.join()) ?? 0) + reader(x)(...index),
        );
      }),
      runs,
    );
  });

  test("ellipsis, new axes and missing selectors", () => {
    const x = counting([2, 3, 4]);
    expect(np.index(x, "...", 0).shape).toEqual([2, 3]);
    expect(np.index(x, 0, "...", np.slice(0, 2)).shape).toEqual([3, 2]);
    expect(np.index(x, null, 1, null).shape).toEqual([1, 1, 3, 4]);
    expect(np.index(x).shape).toEqual([2, 3, 4]);
    expect(np.index(x, 1, 2, 3).item()).toBe(reader(x)(1, 2, 3));
    expect(() => np.index(x, 2)).toThrow(ShapeError);
    expect(() => np.index(x, 0, 0, 0, 0)).toThrow("too many");
    expect(() => np.index(x, "...", "...")).toThrow("ellipsis");
    expect(() => np.slice(0, 1, 0)).toThrow(ShapeError);
  });

  test("an integer array among the selectors", () => {
    const x = counting([3, 4, 2]);
    const indices = np.array(
      [
        [3, 0],
        [-1, 9],
      ],
      "i32",
    );
    const column = [
      [3, 0],
      [3, 3],
    ];
    expectElements(np.index(x, 1, indices), [2, 2, 2], ([i, j, k]) =>
      reader(x)(1, column[i][j], k),
    );
    expectElements(np.index(x, np.slice(), indices, null), [3, 2, 2, 1, 2], ([a, i, j, , k]) =>
      reader(x)(a, column[i][j], k),
    );
    expect(() => np.index(x, indices, indices)).toThrow("more than one array");
    expect(() => np.index(x, np.array([0.5]))).toThrow("integers");
  });

  test("at with an array adds repeated positions up and drops those beyond the end", () => {
    const indices = np.array([2, 0, 2, 7], "i32");
    expect(np.at(np.zeros(3), indices).add([1, 2, 4, 8]).toArray()).toEqual([2, 0, 5]);
    expect(
      np
        .at(np.zeros([2, 3]), np.slice(), indices)
        .add(1)
        .toArray(),
    ).toEqual([
      [1, 0, 2],
      [1, 0, 2],
    ]);
    expect(() => np.at(np.zeros(3), indices).set(1)).toThrow(ShapeError);
    expect(() => np.at(np.zeros([2, 3]), 0, indices).add(1)).toThrow("only selector");
  });

  test("set broadcasts, and keeps the dtype", () => {
    expect(
      np
        .at(np.zeros([2, 2], "i32"), np.slice(), 0)
        .set(3)
        .toArray(),
    ).toEqual([
      [3, 0],
      [3, 0],
    ]);
    expect(np.at(np.zeros(2, "bool"), 1).set(true).toArray()).toEqual([false, true]);
    expect(() => np.at(np.zeros(2), 0).set([1, 2])).toThrow(ShapeError);
  });
});

describeBackends("take", () => {
  test("equals a loop for every axis", () => {
    const x = counting([2, 3, 4]);
    const indices = [
      [0, -1],
      [1, 1],
    ];
    const wrapped = (size: number): number[][] =>
      indices.map((row) => row.map((i) => (i < 0 ? i + size : i)));
    expectElements(np.take(x, indices, 0), [2, 2, 3, 4], ([i, j, b, c]) =>
      reader(x)(wrapped(2)[i][j], b, c),
    );
    expectElements(np.take(x, indices, 1), [2, 2, 2, 4], ([a, i, j, c]) =>
      reader(x)(a, wrapped(3)[i][j], c),
    );
    expectElements(np.take(x, indices, -1), [2, 3, 2, 2], ([a, b, i, j]) =>
      reader(x)(a, b, wrapped(4)[i][j]),
    );
    expect(np.take(x, 1, 1).shape).toEqual([2, 4]);
    expect(np.take(x, [23, -1, 99]).toArray()).toEqual(Array(3).fill(reader(x)(1, 2, 3)));
  });

  test("takeAlongAxis equals a loop, with broadcasting", () => {
    const x = counting([2, 3, 4]);
    for (const axis of [0, 1, 2, -1]) {
      const along = axis < 0 ? axis + 3 : axis;
      const shape = x.shape.map((n, i) => (i === along ? 5 : n));
      const indices = build(
        shape,
        (index) => (index.reduce((a, b) => 2 * a + b) * 3) % x.shape[along],
        "i32",
      );
      expectElements(np.takeAlongAxis(x, indices, axis), shape, (index) =>
        reader(x)(...index.map((n, i) => (i === along ? reader(indices)(...index) : n))),
      );
    }
    expect(np.takeAlongAxis(x, np.zeros([1, 1, 1], "i32"), 2).shape).toEqual([2, 3, 1]);
  });
});

describeBackends("sort", () => {
  const rows = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 0, maxLength: 40 });

  test("argsort is stable, ascending and descending", () => {
    fc.assert(
      fc.property(rows, fc.boolean(), fc.constantFrom("f32", "i32"), (row, descending, dtype) => {
        const x = np.array(row, dtype);
        const expected = row
          .map((_, i) => i)
          .sort((a, b) => (descending ? row[b] - row[a] : row[a] - row[b]) || a - b);
        expect(np.argsort(x, -1, { descending }).toArray()).toEqual(expected);
        expect(np.sort(x, -1, { descending }).toArray()).toEqual(expected.map((i) => row[i]));
      }),
      runs,
    );
  });

  test("other axes, NaN and infinities", () => {
    expect(
      np
        .sort(
          [
            [3, 1],
            [2, 5],
          ],
          0,
        )
        .toArray(),
    ).toEqual([
      [2, 1],
      [3, 5],
    ]);
    expect(
      np
        .argsort(
          [
            [3, 1],
            [2, 5],
          ],
          0,
        )
        .toArray(),
    ).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(np.sort([NaN, 2, -Infinity, Infinity]).toArray()).toEqual([-Infinity, 2, Infinity, NaN]);
    expect(np.sort([NaN, 2, -1], 0, { descending: true }).toArray()).toEqual([NaN, 2, -1]);
    expect(np.sort(np.array([2 ** 31, 1], "u32")).toArray()).toEqual([1, 2 ** 31]);
  });
});
