import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Words } from "../../../src/core/dtype.ts";
import { stridesOf, type Shape } from "../../../src/core/shape.ts";
import { applyOp, constantExpression, inputExpression } from "../../../src/ir/expression.ts";
import type { View } from "../../../src/ir/lowering.ts";
import { checkCluster, firstDifference, runCluster, wordsFor } from "./tile-reference.ts";

const contiguous = (shape: Shape, offset = 0): View => ({ offset, strides: stridesOf(shape) });

/** Integers that are all different, so that a wrong position shows. */
const ramp = (count: number): Words =>
  wordsFor(
    "i32",
    Array.from({ length: count }, (_, i) => 3 * i - 7),
  );

/** Highest position that the view reads, plus 1. */
const extentOf = (shape: Shape, { offset, strides }: View): number =>
  shape.reduce((end, n, axis) => end + Math.max(0, (n - 1) * strides[axis]), offset + 1);

/** x + (y xor 5) over views of two ramps. */
function checkViews(shape: Shape, x: View, y: View, parts = 1): void {
  const expression = applyOp(
    "addI32",
    inputExpression(0, "i32"),
    applyOp("xorI32", inputExpression(1, "i32"), constantExpression(5, "i32")),
  );
  const inputs = [x, y].map((view) => ({ type: "i32", view }) as const);
  const words = [x, y].map((view) => ramp(extentOf(shape, view)));
  checkCluster({ shape, inputs, outputs: [expression] }, words, parts);
}

describe("views", () => {
  const rows = 37;
  const columns = 61;
  const shape = [rows, columns];
  const views: Record<string, View> = {
    contiguous: contiguous(shape),
    "contiguous at an offset": contiguous(shape, 5),
    uniform: { offset: 3, strides: [0, 0] },
    "row vector": { offset: 0, strides: [0, 1] },
    "column vector": { offset: 2, strides: [1, 0] },
    transposed: { offset: 0, strides: [1, rows] },
    "every other column": { offset: 1, strides: [2 * columns, 2] },
    "rows of a wider array": { offset: 7, strides: [columns + 9, 1] },
    "columns backwards": { offset: columns - 1, strides: [columns, -1] },
    "rows backwards": { offset: (rows - 1) * columns, strides: [-columns, 1] },
    diagonal: { offset: 0, strides: [1, 1] },
  };
  for (const [name, view] of Object.entries(views)) {
    it(name, () => {
      checkViews(shape, view, contiguous(shape));
      checkViews(shape, views.transposed, view, 3);
    });
  }

  it("of any rank, stride and size", () => {
    const axis = fc.record({
      n: fc.integer({ min: 0, max: 9 }),
      stride: fc.integer({ min: -4, max: 12 }),
    });
    const axes = fc.array(axis, { maxLength: 5 });
    fc.assert(
      fc.property(axes, fc.nat(20), fc.integer({ min: 1, max: 5 }), (list, offset, parts) => {
        const shape = list.map(({ n }) => n);
        const strides = list.map(({ stride }) => stride);
        const behind = strides.reduce(
          (sum, stride, i) => sum + Math.max(0, -stride * (shape[i] - 1)),
          0,
        );
        checkViews(shape, { offset: offset + behind, strides }, contiguous(shape), parts);
      }),
      { numRuns: 300 },
    );
  });

  it("of large axes, across tiles", () => {
    for (const shape of [
      [3, 5000],
      [5000, 3],
      [2, 3, 1025],
      [17, 1, 300],
      [1023, 2, 2],
    ]) {
      const reversed = stridesOf([...shape].reverse()).reverse();
      checkViews(shape, { offset: 0, strides: reversed }, contiguous(shape), 2);
      const first = shape.map((_, axis) => (axis === 0 ? 1 : 0));
      const last = shape.map((_, axis) => (axis === shape.length - 1 ? 1 : 0));
      checkViews(shape, { offset: 4, strides: first }, { offset: 1, strides: last }, 5);
    }
  });
});

describe("sizes and parts", () => {
  for (const size of [0, 1, 3, 15, 16, 17, 1023, 1024, 1025, 5000]) {
    it(`${size} elements in 1 to 5 parts`, () => {
      for (let parts = 1; parts <= 5; parts++) {
        checkViews([size], contiguous([size]), { offset: 2, strides: [0] }, parts);
      }
    });
  }

  it("more parts than tiles", () => checkViews([40], contiguous([40]), contiguous([40], 3), 16));

  it("a part writes its share only, and the shares make up the whole", () => {
    const shape = [5000];
    const input = wordsFor(
      "f32",
      Array.from({ length: 5000 }, (_, i) => i / 100 - 25),
    );
    const cluster = {
      shape,
      inputs: [{ type: "f32", view: contiguous(shape) }] as const,
      outputs: [applyOp("tanhF32", inputExpression(0, "f32"))],
    };
    const [whole] = runCluster(cluster, [input]);
    for (let parts = 2; parts <= 5; parts++) {
      const [shared] = runCluster(cluster, [input], parts);
      expect(firstDifference(whole, shared)).toBe(-1);
    }
  });
});

it("scalars have rank 0", () => checkViews([], contiguous([], 3), contiguous([])));
