/** Arrays as functions of their indices: the plain loops that tests of the array API compare with. */
import { expect } from "vitest";
import type { DType } from "../../src/core/dtype.ts";
import { sizeOf, stridesOf, type Shape } from "../../src/core/shape.ts";
import { tensorFrom } from "../../src/core/tensor.ts";
import type { Value } from "../../src/core/value.ts";

export type Index = readonly number[];

/** All indices of a shape in row-major order. */
export function indicesOf(shape: Shape): Index[] {
  return shape.reduce<Index[]>(
    (outer, size) =>
      outer.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

/** Reads an element. */
export function reader(x: Value): (...index: number[]) => number {
  const words = x.dataSync();
  const strides = stridesOf(x.shape);
  return (...index) => words[index.reduce((sum, i, axis) => sum + i * strides[axis], 0)];
}

/** The array whose element at each index is `f(index)`. */
export function build(shape: Shape, f: (index: Index) => number, dtype: DType = "f32"): Value {
  const values = indicesOf(shape).map(f);
  const words =
    dtype === "f32"
      ? Float32Array.from(values)
      : dtype === "u32"
        ? Uint32Array.from(values)
        : Int32Array.from(values);
  return tensorFrom(dtype, shape, words);
}

/** Small whole numbers that differ between neighbours: sums and products of a few are exact in f32. */
export const counting = (shape: Shape, dtype: DType = "f32", offset = 0): Value => {
  const strides = stridesOf(shape);
  const place = (index: Index): number =>
    index.reduce((sum, i, axis) => sum + i * strides[axis], 0);
  return build(
    shape,
    (index) => ((place(index) * 7 + offset * 3 + 1) % 11) - (dtype === "u32" ? 0 : 5),
    dtype,
  );
};

/** {@link counting} times 1/5: within [-1, 1], for functions that grow fast. */
export const gentle = (shape: Shape, offset = 0): Value => {
  const at = reader(counting(shape, "f32", offset));
  return build(shape, (index) => at(...index) / 5);
};

/** Evenly spaced numbers from `start` to `stop`. */
export const spaced = (start: number, stop: number, count: number): Value =>
  build([count], ([i]) => start + ((stop - start) * i) / (count - 1));

/** Fails unless `x` has this shape and equals `f` at every index, to the bit (-0 equals 0). */
export function expectElements(x: Value, shape: Shape, f: (index: Index) => number): void {
  expect(x.shape).toEqual(shape);
  expect(Array.from(x.dataSync(), (value) => value + 0)).toEqual(
    indicesOf(shape).map((index) => Math.fround(f(index)) + 0),
  );
  expect(x.dataSync()).toHaveLength(sizeOf(shape));
}
