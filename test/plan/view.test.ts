import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeOf, stridesOf } from "../../src/core/shape.ts";
import {
  composeViews,
  isContiguous,
  mergeAxes,
  singleAxis,
  wholeView,
  type ShapedView,
} from "../../src/plan/view.ts";
import { forEachIndex } from "../support/plan-primitives.ts";

/** Words that a view names, in row-major order of its shape. */
function positions({ shape, offset, strides }: ShapedView): readonly number[] {
  const found: number[] = [];
  forEachIndex(shape, (index) =>
    found.push(index.reduce((sum, i, axis) => sum + i * strides[axis], offset)),
  );
  return found;
}

/** A view of an array: axes permuted, sliced with steps, reversed, repeated or split. */
const viewOf = (shape: readonly number[]): fc.Arbitrary<ShapedView> =>
  fc
    .record({
      order: fc.shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      ),
      steps: fc.array(fc.constantFrom(1, 1, 1, 2, -1, -2), { minLength: 4, maxLength: 4 }),
      starts: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      repeat: fc.nat(3),
      at: fc.nat(shape.length),
      split: fc.boolean(),
    })
    .map(({ order, steps, starts, repeat, at, split }) => {
      const rowMajor = stridesOf(shape);
      let offset = 0;
      const result: number[] = [];
      const strides: number[] = [];
      for (const axis of order) {
        const step = steps[axis];
        const start = Math.min(starts[axis], Math.max(shape[axis] - 1, 0));
        const n = shape[axis] === 0 ? 0 : Math.ceil((shape[axis] - start) / Math.abs(step));
        const first = step > 0 ? start : start + (n - 1) * -step;
        if (n > 0) offset += first * rowMajor[axis];
        if (split && n === 4) {
          result.push(2, 2);
          strides.push(2 * step * rowMajor[axis], step * rowMajor[axis]);
        } else {
          result.push(n);
          strides.push(step * rowMajor[axis]);
        }
      }
      if (repeat > 0) {
        result.splice(at, 0, repeat);
        strides.splice(at, 0, 0);
      }
      return { shape: result, offset: sizeOf(result) === 0 ? 0 : offset, strides };
    });

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 0, maxLength: 3 });
const nested = shapes.chain((shape) =>
  viewOf(shape).chain((inner) =>
    fc.record({ inner: fc.constant(inner), outer: viewOf(inner.shape) }),
  ),
);

describe("views", () => {
  it("compose to the same elements, or refuse", () => {
    let composedSome = 0;
    fc.assert(
      fc.property(nested, ({ inner, outer }) => {
        const composed = composeViews(inner, outer);
        if (!composed) return;
        composedSome++;
        const elements = positions(inner);
        expect(positions(composed)).toEqual(positions(outer).map((i) => elements[i]));
      }),
      { numRuns: 2000 },
    );
    expect(composedSome).toBeGreaterThan(1000);
  });

  it("always compose with permutations, slices and repetitions of distinct axes", () => {
    const inner = { shape: [4, 3], offset: 1, strides: [2, 8] };
    const transposed = { shape: [3, 4], offset: 0, strides: [1, 3] };
    expect(composeViews(inner, transposed)).toEqual({ shape: [3, 4], offset: 1, strides: [8, 2] });
  });

  it("refuse a reshape that no strides express", () => {
    const transposed = { shape: [3, 4], offset: 0, strides: [1, 3] };
    expect(composeViews(transposed, wholeView([12]))).toBeUndefined();
    expect(composeViews(transposed, wholeView([3, 2, 2]))).toEqual({
      shape: [3, 2, 2],
      offset: 0,
      strides: [1, 6, 3],
    });
  });

  it("merge axes without changing the elements", () => {
    fc.assert(
      fc.property(shapes.chain(viewOf), (view) => {
        expect(positions(mergeAxes(view))).toEqual(positions(view));
      }),
    );
  });

  it("are contiguous exactly when their words follow each other", () => {
    fc.assert(
      fc.property(shapes.chain(viewOf), (view) => {
        const words = positions(view);
        expect(isContiguous(view)).toBe(words.every((word, i) => word === words[0] + i));
      }),
      { numRuns: 1000 },
    );
  });

  it("have a single axis when one stride walks them", () => {
    expect(singleAxis([2, 3], [6, 2])).toEqual({ size: 6, stride: 2 });
    expect(singleAxis([2, 3], [5, 2])).toBeUndefined();
    expect(singleAxis([1, 3], [99, 0])).toEqual({ size: 3, stride: 0 });
    expect(singleAxis([], [])).toEqual({ size: 1, stride: 0 });
  });
});
