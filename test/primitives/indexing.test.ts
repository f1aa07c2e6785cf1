import { beforeAll, describe, expect, it } from "vitest";
import { createReferenceBackend } from "../../src/backends/reference/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { grad, vjp } from "../../src/transforms/index.ts";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import type { Value } from "../../src/core/value.ts";
import * as ops from "../../src/ir/ops.ts";
import { blockArguments } from "../../src/plan/block-arguments.ts";
import { f32, i32 } from "../support/arrays.ts";
import { apply, refusal } from "./apply.ts";
import { concrete } from "./laws/subject.ts";

const rows = f32([3, 2], [0, 1, 10, 11, 20, 21]);
const start = (position: number): Tensor => i32([], [position]);

beforeAll(() => setBackend(createReferenceBackend()));

describe("gather", () => {
  it("takes rows and clamps the indices", () => {
    expect(apply("gather", [rows, i32([2, 2], [2, -5, 9, 1])], { batchDims: 0 }).toArray()).toEqual(
      [
        [
          [20, 21],
          [0, 1],
        ],
        [
          [20, 21],
          [10, 11],
        ],
      ],
    );
  });

  it("the derivative of a clamped row goes to the row that was taken", () => {
    const f = (x: Value): Value => ops.reduceSum(ops.gather(x, i32([3], [9, -1, 0])), [0, 1]);
    expect(concrete(grad(f)(rows)).toArray()).toEqual([
      [2, 2],
      [0, 0],
      [1, 1],
    ]);
  });

  it("refuses float indices, batch axes that differ, and arrays without a row", () => {
    expect(refusal("gather", [rows, f32([1], [0])], { batchDims: 0 })).toBe(
      "DTypeError: gather: indices has a dtype that the operation does not take: expected i32, got f32[1]." +
        " Convert it first, for example with astype.",
    );
    expect(refusal("gather", [rows, i32([2, 1], [0, 0])], { batchDims: 1 })).toMatch(
      /^ShapeError: gather: indices has the wrong shape: expected \[3,1\], got i32\[2,1\]/,
    );
    expect(refusal("gather", [f32([0, 2], []), i32([1], [0])], { batchDims: 0 })).toMatch(
      /there is no row to take: expected a size above 0 on axis 0, got f32\[0,2\]/,
    );
  });
});

describe("scatterAdd", () => {
  it("adds in ascending order and drops rows out of range", () => {
    const updates = f32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const sum = apply("scatterAdd", [rows, i32([4], [1, 3, 1, -1]), updates], { batchDims: 0 });
    expect(sum.toArray()).toEqual([
      [0, 1],
      [16, 19],
      [20, 21],
    ]);
    // 2^24 + 1 + 1 in another order would be 2^24 + 2.
    const big = apply("scatterAdd", [f32([1], [2 ** 24]), i32([2], [0, 0]), f32([2], [1, 1])], {
      batchDims: 0,
    });
    expect(big.toArray()).toEqual([2 ** 24]);
  });

  it("updates that were dropped have no derivative", () => {
    const f = (updates: Value): Value => ops.scatterAdd(rows, i32([3], [1, 3, -1]), updates);
    const [, pullBack] = vjp(f, f32([3, 2], [0, 0, 0, 0, 0, 0]));
    const [gradient] = pullBack(f32([3, 2], [1, 2, 3, 4, 5, 6]));
    expect(concrete(gradient).toArray()).toEqual([
      [3, 4],
      [0, 0],
      [0, 0],
    ]);
  });

  it("refuses updates of another dtype or shape, and fixed point", () => {
    const indices = i32([1], [0]);
    const settings = { batchDims: 0 };
    expect(refusal("scatterAdd", [rows, indices, i32([1, 2], [0, 0])], settings)).toMatch(
      /^DTypeError: scatterAdd: updates differs in dtype: expected f32, got i32\[1,2\]/,
    );
    expect(refusal("scatterAdd", [rows, indices, f32([2], [0, 0])], settings)).toMatch(
      /^ShapeError: scatterAdd: updates has the wrong shape: expected \[1,2\], got f32\[2\]/,
    );
    const fixed = tensorFrom("q32.20", [1], new Int32Array(1));
    expect(refusal("scatterAdd", [fixed, indices, fixed], settings)).toMatch(
      /^DTypeError: scatterAdd: x has a dtype .* got q32.20\[1\]/,
    );
  });
});

describe("dynamicSlice and dynamicUpdateSlice", () => {
  it("clamp the starts so that the block fits", () => {
    const sizes = [2, 1];
    expect(apply("dynamicSlice", [rows, start(7), start(-3)], { sizes }).toArray()).toEqual([
      [10],
      [20],
    ]);
    const update = f32([2, 1], [-1, -2]);
    expect(apply("dynamicUpdateSlice", [rows, update, start(7), start(1)]).toArray()).toEqual([
      [0, 1],
      [10, -1],
      [20, -2],
    ]);
  });

  it("refuse a wrong number of starts and blocks that cannot fit", () => {
    expect(refusal("dynamicSlice", [rows, start(0)], { sizes: [1, 1] })).toMatch(
      /^ShapeError: dynamicSlice: wrong number of start indices: expected 2, one per axis of f32\[3,2\], got 1/,
    );
    expect(refusal("dynamicSlice", [rows, start(0), start(0)], { sizes: [1, 3] })).toMatch(
      /^ShapeError: dynamicSlice: the block does not fit: expected whole sizes of at most \[3,2\], got \[1,3\]/,
    );
    expect(refusal("dynamicUpdateSlice", [rows, i32([1, 1], [0]), start(0), start(0)])).toMatch(
      /^DTypeError: dynamicUpdateSlice: the update differs in dtype/,
    );
  });

  it("merge axes that the block covers whole, so that many axes fit the kernel", () => {
    const shape = [2, 3, 4, 5, 6, 7, 2, 2, 2, 2];
    const sizes = [2, 3, 1, 5, 6, 7, 2, 2, 2, 2];
    const { immediates, starts } = blockArguments("dynamicSlice", shape, sizes, 1);
    expect(immediates).toEqual([3, 6, 4, 3360, 6, 1, 3360]);
    expect(starts).toHaveLength(8);
    const ones = shape.map(() => 1);
    expect(() => blockArguments("dynamicSlice", shape, ones, 1)).toThrow(/too many axes/);
  });
});

describe("permute", () => {
  it("puts token permutation[s] at slot s", () => {
    const permuted = apply("permute", [
      f32([1, 3, 1], [5, 6, 7]),
      i32([1, 3], [2, 0, 1]),
      i32([1, 3], [1, 2, 0]),
    ]);
    expect(permuted.toArray()).toEqual([[[7], [5], [6]]]);
  });

  it("refuses a permutation of another length", () => {
    expect(
      refusal("permute", [f32([1, 3, 1], [5, 6, 7]), i32([1, 2], [0, 1]), i32([1, 2], [0, 1])]),
    ).toMatch(
      /^ShapeError: permute: the permutation has the wrong shape: expected \[1,3\], got i32\[1,2\]/,
    );
  });
});
