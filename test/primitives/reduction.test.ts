import { describe, expect, it } from "vitest";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { f32, i32, u32 } from "../support/arrays.ts";
import { apply, refusal } from "./apply.ts";
import { Draw } from "./generators/draw.ts";

const bools = (...words: number[]): Tensor =>
  tensorFrom("bool", [words.length], Int32Array.from(words));

describe("reductions", () => {
  it("of any axes, in any order", () => {
    const x = f32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(apply("reduceSum", [x], { axes: [0, 2] }).toArray()).toEqual([14, 22]);
    expect(apply("reduceSum", [x], { axes: [2, 0] }).toArray()).toEqual([14, 22]);
    expect(apply("reduceMax", [x], { axes: [1] }).toArray()).toEqual([
      [3, 4],
      [7, 8],
    ]);
    expect(apply("reduceMin", [x], { axes: [0] }).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(apply("reduceProduct", [x], { axes: [0, 1, 2] }).item()).toBe(40320);
    expect(apply("reduceSum", [x], { axes: [] }).toArray()).toEqual(x.toArray());
  });

  it("sum f32 in float64 and round once", () => {
    const x = f32([4], [2 ** 24, 1, 1, -(2 ** 24)]);
    expect(apply("reduceSum", [x], { axes: [0] }).item()).toBe(2);
  });

  it("wrap integers", () => {
    const x = i32([3], [0x7fffffff, 0x7fffffff, 5]);
    expect(apply("reduceSum", [x], { axes: [0] }).item()).toBe(3);
    expect(apply("reduceSum", [u32([2], [0xffffffff, 3])], { axes: [0] }).item()).toBe(2);
    expect(apply("reduceProduct", [i32([2], [0x10001, 0x10001])], { axes: [0] }).item()).toBe(
      0x20001,
    );
  });

  it("of nothing are neutral", () => {
    const nothing = { axes: [0] };
    expect(apply("reduceSum", [f32([0], [])], nothing).item()).toBe(0);
    expect(apply("reduceProduct", [f32([0], [])], nothing).item()).toBe(1);
    expect(apply("reduceMax", [f32([0], [])], nothing).item()).toBe(-Infinity);
    expect(apply("reduceMin", [f32([0], [])], nothing).item()).toBe(Infinity);
    expect(apply("reduceMax", [i32([0], [])], nothing).item()).toBe(-0x80000000);
    expect(apply("reduceMin", [i32([0], [])], nothing).item()).toBe(0x7fffffff);
    expect(apply("reduceMax", [u32([0], [])], nothing).item()).toBe(0);
    expect(apply("reduceMin", [u32([0], [])], nothing).item()).toBe(0xffffffff);
    expect(apply("reduceAnd", [bools()], nothing).item()).toBe(1);
    expect(apply("reduceOr", [bools()], nothing).item()).toBe(0);
  });

  it("let NaN through, and order zeros by sign", () => {
    expect(apply("reduceMax", [f32([3], [1, NaN, 2])], { axes: [0] }).item()).toBeNaN();
    expect(apply("reduceMin", [f32([3], [1, NaN, 2])], { axes: [0] }).item()).toBeNaN();
    expect(apply("reduceMax", [f32([2], [-0, 0])], { axes: [0] }).item()).toBe(0);
    expect(apply("reduceMin", [f32([2], [0, -0])], { axes: [0] }).item()).toBe(-0);
  });

  it("of bools", () => {
    expect(apply("reduceAnd", [bools(1, 0, 1)], { axes: [0] }).item()).toBe(0);
    expect(apply("reduceAnd", [bools(1, 1)], { axes: [0] }).item()).toBe(1);
    expect(apply("reduceOr", [bools(0, 1)], { axes: [0] }).item()).toBe(1);
  });
});

describe("dotGeneral", () => {
  const matmul = { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] };

  it("is the matrix product", () => {
    const [x, y] = [f32([2, 2], [1, 2, 3, 4]), f32([2, 3], [1, 0, 2, 0, 1, 3])];
    expect(apply("dotGeneral", [x, y], matmul).toArray()).toEqual([
      [1, 2, 8],
      [3, 4, 18],
    ]);
  });

  it("puts batch axes first, then the free axes of either side", () => {
    const draw = new Draw(3);
    const [x, y] = [draw.floats([2, 3, 4, 5]), draw.floats([5, 3, 7, 2])];
    const spec = { lhsBatch: [1], rhsBatch: [1], lhsContract: [3, 0], rhsContract: [0, 3] };
    const out = apply("dotGeneral", [x, y], spec);
    expect(out.shape).toEqual([3, 4, 7]);
    for (let b = 0; b < 3; b++)
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 7; j++) {
          let sum = 0;
          for (let k = 0; k < 5; k++)
            for (let l = 0; l < 2; l++)
              sum +=
                x.words()[((l * 3 + b) * 4 + i) * 5 + k] * y.words()[((k * 3 + b) * 7 + j) * 2 + l];
          expect(out.words()[(b * 4 + i) * 7 + j]).toBe(Math.fround(sum));
        }
  });

  it("sums nothing to 0", () => {
    expect(apply("dotGeneral", [f32([2, 0], []), f32([0, 1], [])], matmul).toArray()).toEqual([
      [0],
      [0],
    ]);
  });
});

it("refusals say what, where and what to do", () => {
  const x = f32([2, 3], [0, 0, 0, 0, 0, 0]);
  const spec = { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] };
  expect(
    [
      refusal("reduceSum", [x], { axes: [2] }),
      refusal("reduceSum", [x], { axes: [-1] }),
      refusal("reduceMax", [x], { axes: [0, 0] }),
      refusal("reduceSum", [bools(1)], { axes: [0] }),
      refusal("reduceAnd", [x], { axes: [0] }),
      refusal("dotGeneral", [x, x], spec),
      refusal("dotGeneral", [x, x], { ...spec, lhsContract: [1, 1], rhsContract: [1, 0] }),
      refusal("dotGeneral", [x, x], { ...spec, lhsContract: [1], rhsContract: [] }),
      refusal("dotGeneral", [x, i32([3], [0, 0, 0])], spec),
    ].join("\n"),
  ).toMatchInlineSnapshot(`
    "ShapeError: reduceSum: the axes do not fit: expected distinct axes of f32[2,3], counted from 0, got [2]
    ShapeError: reduceSum: the axes do not fit: expected distinct axes of f32[2,3], counted from 0, got [-1]
    ShapeError: reduceMax: the axes do not fit: expected distinct axes of f32[2,3], counted from 0, got [0,0]
    DTypeError: reduceSum: the dtype is not supported: expected f32 or i32 or u32, got bool[1]. Convert with astype first.
    DTypeError: reduceAnd: the dtype is not supported: expected bool, got f32[2,3]. Convert with astype first.
    ShapeError: dotGeneral: the contracted axes do not pair up: expected as many axes on either side, with equal sizes pair by pair, got axes [1] of f32[2,3] and [0] of f32[2,3]
    ShapeError: dotGeneral: the axes do not fit: expected distinct axes of f32[2,3], counted from 0, got [1,1]
    ShapeError: dotGeneral: the contracted axes do not pair up: expected as many axes on either side, with equal sizes pair by pair, got axes [1] of f32[2,3] and [] of f32[2,3]
    DTypeError: dotGeneral: the right operand has a dtype that the operation does not take: expected f32, got i32[3]. Convert it first, for example with astype."
  `);
});
