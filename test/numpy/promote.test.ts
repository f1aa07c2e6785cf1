import { describe, expect, test } from "vitest";
import type { DType } from "../../src/core/dtype.ts";
import { DTypeError, ShapeError } from "../../src/core/errors.ts";
import {
  add,
  array,
  astype,
  equal,
  full,
  greater,
  multiply,
  ones,
  where,
  zeros,
} from "../../src/numpy/index.ts";
import { describeBackends } from "../support/backends.ts";

const dtypes = ["bool", "u32", "i32", "f32"] as const;

describeBackends("promotion", () => {
  test.each(dtypes.flatMap((a) => dtypes.map((b) => [a, b] as const)))("%s with %s", (a, b) => {
    const higher = dtypes[Math.max(dtypes.indexOf(a), dtypes.indexOf(b))];
    const result = add(ones(2, a), ones(2, b));
    expect(result.dtype).toBe(higher);
    expect(result.toArray()).toEqual(higher === "bool" ? [true, true] : [2, 2]);
    expect(where(true, ones(2, a), ones(2, b)).dtype).toBe(higher);
  });

  test.each<[DType, number, DType]>([
    ["f32", 2, "f32"],
    ["f32", 0.5, "f32"],
    ["i32", 2, "i32"],
    ["i32", 0.5, "f32"],
    ["i32", NaN, "f32"],
    ["u32", 2, "u32"],
    ["u32", 0.5, "f32"],
    ["bool", 2, "i32"],
    ["bool", 0.5, "f32"],
  ])("a number adapts: %s and %d", (dtype, number, expected) => {
    for (const sum of [add(ones(1, dtype), number), add(number, ones(1, dtype))]) {
      expect(sum.dtype).toBe(expected);
      expect(sum.dataSync()[0]).toBe(1 + number);
    }
  });

  test("numbers alone are f32", () => {
    expect(add(1, 2).dtype).toBe("f32");
    expect(multiply(3, [1, 2]).toArray()).toEqual([3, 6]);
  });

  test("numbers beyond the dtype are errors", () => {
    expect(() => add(ones(1, "u32"), -1)).toThrow(DTypeError);
    expect(() => add(ones(1, "i32"), 2 ** 31)).toThrow("from -2147483648 to 2147483647");
    expect(add(zeros(1, "u32"), 2 ** 32 - 1).item()).toBe(2 ** 32 - 1);
  });

  test("bool compares as 0 and 1", () => {
    expect(equal([true, false], [true, true]).toArray()).toEqual([true, false]);
    expect(greater([true, false], false).toArray()).toEqual([true, false]);
  });

  test("fixed point does not mix", () => {
    expect(() => add(array([1], "q32.20"), 1)).toThrow(DTypeError);
    expect(() => astype(array([1], "q32.20"), "f32")).toThrow("fromFixed");
  });
});

describeBackends("array", () => {
  test("nested numbers, booleans and typed arrays", () => {
    expect(
      array([
        [1, 2],
        [3, 4],
      ]).dtype,
    ).toBe("f32");
    expect(array([[true], [false]]).dtype).toBe("bool");
    expect(array([true, 2]).toArray()).toEqual([1, 2]);
    expect(array(new Uint32Array([1, 2 ** 32 - 1])).toArray()).toEqual([1, 2 ** 32 - 1]);
    expect(array([]).shape).toEqual([0]);
    expect(array([[], []]).shape).toEqual([2, 0]);
  });

  test("does not share the words of its source", () => {
    const source = new Float32Array([1, 2]);
    const x = array(source);
    source[0] = 9;
    expect(x.toArray()).toEqual([1, 2]);
  });

  test("a given dtype", () => {
    expect(array([1, -2], "i32").toArray()).toEqual([1, -2]);
    expect(array([0, 3], "bool").toArray()).toEqual([false, true]);
    expect(array([1.25, -2], "q32.20").toArray()).toEqual([1.25, -2]);
    expect(array([2 ** 32 - 1], "u32").item()).toBe(2 ** 32 - 1);
    expect(() => array([1.5], "i32")).toThrow(DTypeError);
  });

  test("rows of unequal length are errors", () => {
    expect(() => array([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => array([[1], 2])).toThrow(ShapeError);
    expect(() =>
      array([
        [1, 2],
        [3, [4]],
      ]),
    ).toThrow(ShapeError);
  });
});

describe("errors", () => {
  test("shapes that do not broadcast are named", () => {
    expect(() => add(full([2], 1), full([3], 1))).toThrow(/add: .*\[2\] and \[3\]/u);
  });
});
