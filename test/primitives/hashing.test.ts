import { describe, expect, it } from "vitest";
import { f32 } from "../support/arrays.ts";
import { apply, refusal } from "./apply.ts";

/** Tokens of width 2 against the two axes: bucket of [x, y; -x, -y]. */
const axes = f32([1, 2, 1, 2], [1, 0, 0, 1]);

describe("lshHash", () => {
  it("is the position of the largest of [y; -y]; the lowest wins ties", () => {
    const x = f32([1, 7, 2], [3, 1, 1, 3, -3, 1, 1, -3, 2, 2, -2, -2, 0, 0]);
    expect(apply("lshHash", [x, axes], { sizes: [4] }).toArray()).toEqual([
      [[0, 1, 2, 3, 0, 2, 0]],
    ]);
    // A tie of +y at 1 and -y at 0 (position 2): the first half wins.
    expect(apply("lshHash", [f32([1, 1, 2], [-2, 2]), axes], { sizes: [4] }).toArray()).toEqual([
      [[1]],
    ]);
  });

  it("factors are digits, the first the lowest", () => {
    // Factor 0 sees x and y, factor 1 only x: sizes 4 and 2.
    const rotations = f32([1, 2, 1, 3], [1, 0, 1, 0, 1, 0]);
    const x = f32([1, 3, 2], [3, 1, -3, 1, -1, -3]);
    const digits = [0, 2 + 4, 3 + 4];
    expect(apply("lshHash", [x, rotations], { sizes: [4, 2] }).toArray()).toEqual([[digits]]);
  });

  it("groups take rotations in turn", () => {
    const rotations = f32([2, 1, 1, 1], [1, -1]);
    const buckets = apply("lshHash", [f32([4, 1, 1], [1, 1, 1, 1]), rotations], { sizes: [2] });
    expect(buckets.toArray()).toEqual([[[0]], [[1]], [[0]], [[1]]]);
  });

  it("refuses operands and factors that do not fit together", () => {
    const x = f32([1, 1, 2], [1, 1]);
    expect(refusal("lshHash", [x, axes], { sizes: [6] })).toMatch(
      /bucket factors do not fit the rotations: expected positive even sizes with sum 4 .*got \[6\]/,
    );
    expect(refusal("lshHash", [x, axes], { sizes: [3, 1] })).toMatch(/positive even sizes/);
    expect(refusal("lshHash", [f32([1, 1, 3], [1, 1, 1]), axes], { sizes: [4] })).toMatch(
      /^ShapeError: lshHash: tokens and rotations do not fit together: .* got f32\[1,1,3\] and f32\[1,2,1,2\]/,
    );
  });
});
