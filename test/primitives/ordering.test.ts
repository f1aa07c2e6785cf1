import { describe, expect, it } from "vitest";
import { f32, i32 } from "../support/arrays.ts";
import { apply, applyAll, refusal } from "./apply.ts";

describe("argMax and argMin", () => {
  it("the lowest index wins ties, the first NaN wins over numbers", () => {
    const x = f32([4, 3], [1, 3, 3, 0, -0, 0, 1, NaN, NaN, -1, -2, -2]);
    expect(apply("argMax", [x], { axis: 1 }).toArray()).toEqual([1, 0, 1, 0]);
    expect(apply("argMin", [x], { axis: 1 }).toArray()).toEqual([0, 0, 1, 1]);
    expect(apply("argMax", [x], { axis: 0 }).toArray()).toEqual([0, 2, 2]);
  });

  it("refuse an axis without elements", () => {
    expect(refusal("argMax", [f32([2, 0], [])], { axis: 1 })).toBe(
      "ShapeError: argMax: there is no element to choose: expected a size above 0 on axis 1, got f32[2,0]",
    );
    expect(refusal("argMin", [f32([2], [0, 0])], { axis: 1 })).toMatch(/axis out of range/);
  });
});

describe("sort", () => {
  it("is stable, with -0 equal to +0 and NaN last", () => {
    const [sorted, indices] = applyAll("sort", [f32([6], [NaN, 2, 0, -0, -1, 2])]);
    expect(sorted.toArray()).toEqual([-1, 0, -0, 2, 2, NaN]);
    expect(indices.toArray()).toEqual([4, 2, 3, 1, 5, 0]);
  });

  it("refuses a scalar", () => {
    expect(refusal("sort", [f32([], [1])])).toBe(
      "ShapeError: sort: x has too few axes: expected at least 1, got f32[]",
    );
  });
});

describe("bucketSort", () => {
  it("orders tokens by bucket, then by position", () => {
    const [order, inverse] = applyAll("bucketSort", [i32([2, 4], [2, 0, 2, 1, 9, 0, -4, 0])], {
      numBuckets: 3,
    });
    expect(order.toArray()).toEqual([
      [1, 3, 0, 2],
      [1, 2, 3, 0],
    ]);
    expect(inverse.toArray()).toEqual([
      [2, 0, 3, 1],
      [3, 0, 1, 2],
    ]);
  });

  it("refuses a number of buckets below one", () => {
    expect(refusal("bucketSort", [i32([1], [0])], { numBuckets: 0 })).toBe(
      "ShapeError: bucketSort: invalid number of buckets: expected a positive integer, got 0",
    );
  });
});

describe("cumSum", () => {
  it("runs from either end", () => {
    const x = f32([2, 2], [1, 2, 3, 4]);
    expect(apply("cumSum", [x], { axis: 0, reverse: false }).toArray()).toEqual([
      [1, 2],
      [4, 6],
    ]);
    expect(apply("cumSum", [x], { axis: 1, reverse: true }).toArray()).toEqual([
      [3, 2],
      [7, 4],
    ]);
  });
});
