import { describe, expect, it } from "vitest";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { f32, i32 } from "../support/arrays.ts";
import { apply, refusal } from "./apply.ts";

/** 0, 1, 2, ... */
const counting = (...shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return f32(
    shape,
    Array.from({ length: size }, (_, i) => i),
  );
};

describe("re-arranging", () => {
  it("reshape keeps row-major order", () => {
    expect(apply("reshape", [counting(2, 3)], { shape: [3, 2] }).toArray()).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  it("transpose: axis i of the result is axis permutation[i] of the operand", () => {
    const x = counting(2, 3, 4);
    const y = apply("transpose", [x], { permutation: [2, 0, 1] });
    expect(y.shape).toEqual([4, 2, 3]);
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++)
        for (let k = 0; k < 4; k++)
          expect(y.words()[(k * 2 + i) * 3 + j]).toBe(x.words()[(i * 3 + j) * 4 + k]);
  });

  it("broadcastInDim repeats new axes and stretches sizes of 1", () => {
    const y = apply("broadcastInDim", [counting(2, 1)], { shape: [2, 2, 3], axes: [1, 2] });
    expect(y.toArray()).toEqual([
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    ]);
  });

  it("slice takes every stride-th element", () => {
    const y = apply("slice", [counting(3, 7)], { start: [1, 1], limit: [3, 7], strides: [1, 2] });
    expect(y.toArray()).toEqual([
      [8, 10, 12],
      [15, 17, 19],
    ]);
  });

  it("reverse", () => {
    expect(apply("reverse", [counting(2, 3)], { axes: [1] }).toArray()).toEqual([
      [2, 1, 0],
      [5, 4, 3],
    ]);
    expect(apply("reverse", [counting(2, 3)], { axes: [0, 1] }).toArray()).toEqual([
      [5, 4, 3],
      [2, 1, 0],
    ]);
  });

  it("concatenate", () => {
    const y = apply("concatenate", [counting(2, 1), counting(2, 0), counting(2, 2)], { axis: 1 });
    expect(y.toArray()).toEqual([
      [0, 0, 1],
      [1, 2, 3],
    ]);
  });
});

describe("pad", () => {
  const pad = (x: Tensor, low: number, high: number, interior: number) =>
    apply("pad", [x, f32([], [9])], { low: [low], high: [high], interior: [interior] }).toArray();

  it("puts the scalar around and between", () => {
    expect(pad(counting(3), 2, 1, 0)).toEqual([9, 9, 0, 1, 2, 9]);
    expect(pad(counting(3), 0, 0, 2)).toEqual([0, 9, 9, 1, 9, 9, 2]);
  });

  it("trims with negative amounts, after the interior", () => {
    expect(pad(counting(5), -1, -2, 0)).toEqual([1, 2]);
    expect(pad(counting(3), -1, 1, 1)).toEqual([9, 1, 9, 2, 9]);
    expect(pad(counting(3), -2, -3, 1)).toEqual([]);
    expect(pad(counting(0), 1, 1, 3)).toEqual([9, 9]);
  });

  it("keeps fixed point fixed", () => {
    const x = tensorFrom("q32.20", [1], Int32Array.of(2 ** 20));
    const y = apply("pad", [x, tensorFrom("q32.20", [], Int32Array.of(0))], {
      low: [1],
      high: [0],
      interior: [0],
    });
    expect([y.dtype, y.toArray()]).toEqual(["q32.20", [0, 1]]);
  });
});

it("refusals say what, where and what to do", () => {
  const x = counting(2, 3);
  const scalar = f32([], [0]);
  expect(
    [
      refusal("reshape", [x], { shape: [4] }),
      refusal("transpose", [x], { permutation: [0, 0] }),
      refusal("broadcastInDim", [x], { shape: [3, 2], axes: [1, 0] }),
      refusal("broadcastInDim", [x], { shape: [2, 4], axes: [0, 1] }),
      refusal("slice", [x], { start: [0, 0], limit: [2, 4], strides: [1, 1] }),
      refusal("slice", [x], { start: [0], limit: [2], strides: [1] }),
      refusal("reverse", [x], { axes: [0, 2] }),
      refusal("pad", [x, scalar], { low: [-3, 0], high: [0, 0], interior: [0, 0] }),
      refusal("pad", [x, i32([], [0])], { low: [0, 0], high: [0, 0], interior: [0, 0] }),
      refusal("pad", [x, x], { low: [0, 0], high: [0, 0], interior: [0, 0] }),
      refusal("concatenate", [], { axis: 0 }),
      refusal("concatenate", [x, counting(3, 2)], { axis: 0 }),
      refusal("concatenate", [x, i32([2, 3], [0, 0, 0, 0, 0, 0])], { axis: 0 }),
    ].join("\n"),
  ).toMatchInlineSnapshot(`
    "ShapeError: reshape: the number of elements differs: expected a shape of 6 elements for f32[2,3], got [4], which has 4
    ShapeError: transpose: not a permutation of the axes: expected every axis of f32[2,3] once, got [0,0]
    ShapeError: broadcastInDim: the axes do not fit: expected 2 ascending axes of [3,2] for f32[2,3], got [1,0]
    ShapeError: broadcastInDim: sizes do not fit: expected sizes 1 or those of axes [0,1] of [2,4], got f32[2,3]
    ShapeError: slice: the slice does not fit: expected integers, 0 <= start <= limit <= size and stride > 0 on every axis of f32[2,3], got start [0,0], limit [2,4], strides [1,1]
    ShapeError: slice: the slice does not fit: expected integers, 0 <= start <= limit <= size and stride > 0 on every axis of f32[2,3], got start [0], limit [2], strides [1]
    ShapeError: reverse: the axes do not fit: expected distinct axes of f32[2,3], counted from 0, got [0,2]
    ShapeError: pad: the padding does not fit: expected integers for every axis of f32[2,3], interior >= 0, sizes >= 0 in the end, got low [-3,0], high [0,0], interior [0,0]
    DTypeError: pad: the value differs in dtype: expected f32, got i32[]. Convert one of the two.
    ShapeError: pad: the value has the wrong number of axes: expected 0, got f32[2,3]
    ShapeError: concatenate: there is nothing to join: expected at least one operand
    ShapeError: concatenate: operands do not fit together: expected equal sizes but along axis 0, got f32[2,3], f32[3,2]
    DTypeError: concatenate: operands differ in dtype: expected one dtype, got f32[2,3], i32[2,3]. Convert with astype first."
  `);
});
