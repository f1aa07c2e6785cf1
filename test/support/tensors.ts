/** Tensors from and to plain numbers. */
import { sizeOf } from "../../src/core/shape.ts";
import { Tensor, tensorFrom } from "../../src/core/tensor.ts";
import type { Words } from "../../src/core/dtype.ts";
import type { Value } from "../../src/core/value.ts";
import { bitsOf } from "./bits.ts";
import { normals } from "./random-data.ts";

export const f32 = (shape: readonly number[], words: ArrayLike<number>): Tensor =>
  tensorFrom("f32", shape, Float32Array.from(words));

export const i32 = (shape: readonly number[], words: ArrayLike<number>): Tensor =>
  tensorFrom("i32", shape, Int32Array.from(words));

export const u32 = (shape: readonly number[], words: ArrayLike<number>): Tensor =>
  tensorFrom("u32", shape, Uint32Array.from(words));

/** Standard normal elements. */
export const normalTensor = (seed: number, shape: readonly number[]): Tensor =>
  f32(shape, normals(seed, sizeOf(shape)));

/** Words as rows of `width` numbers. */
export const rowsOf = (words: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: words.length / width }, (_, row) =>
    Array.from({ length: width }, (_value, column) => words[row * width + column]),
  );

/** The words of group n of `groups` equal parts. */
export function groupOf<T extends Words>(words: T, groups: number, n: number): T {
  const size = words.length / groups;
  return words.subarray(n * size, (n + 1) * size) as T;
}

/** The dot product, summed in float64. */
export function innerProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Index of the first element whose bits differ, -1 if none. */
export function firstDifference(a: Value, b: Value): number {
  const [left, right] = [bitsOf(a.dataSync()), bitsOf(b.dataSync())];
  if (left.length !== right.length) return Math.min(left.length, right.length);
  return left.findIndex((bits, i) => bits !== right[i]);
}
