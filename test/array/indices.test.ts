/** Positions: unsigned ones beyond i32 are beyond every axis, negative ones count from the end, floats are none. */
import { expect, test } from "vitest";
import { DTypeError, jit, vmap, type Value } from "../../src/index.ts";
import * as lax from "../../src/lax/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { f32, i32, u32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

const x = f32([3], [1, 2, 3]);
const table = f32([3, 1], [1, 2, 3]);
const huge = 3e9;

/** By an array of positions, and by one position: what each function finds there. */
const lookups: readonly [string, (position: Value) => Value][] = [
  ["take", (at) => np.take(x, at)],
  ["takeAlongAxis", (at) => np.takeAlongAxis(x, np.reshape(at, [1]), 0)],
  ["index", (at) => np.index(x, at)],
  ["gather", (at) => lax.gather(x, at)],
  ["embedding", (at) => nn.embedding({ table }, at)],
  ["learnedPositions", (at) => nn.learnedPositions({ table }, at)],
  ["dynamicSlice", (at) => lax.dynamicSlice(x, [at], [1])],
  ["dynamicSliceInDim", (at) => lax.dynamicSliceInDim(x, at, 1)],
  ["dynamicIndexInDim", (at) => lax.dynamicIndexInDim(x, at)],
];

describeBackends("positions", () => {
  test.each(lookups)("%s: an unsigned position beyond i32 is beyond the end", (_, find) => {
    const position = u32([], [huge]);
    expect([...find(position).dataSync()]).toEqual([3]);
    expect([...jit(find)(position).dataSync()]).toEqual([3]);
    expect([...vmap(find)(u32([2], [huge, 0])).dataSync()]).toEqual([3, 1]);
  });

  test("updates at unsigned positions beyond i32 are at the end, or dropped", () => {
    const one = f32([1], [9]);
    expect(lax.dynamicUpdateSlice(x, one, [u32([], [huge])]).toArray()).toEqual([1, 2, 9]);
    expect(lax.dynamicUpdateSliceInDim(x, one, u32([], [huge])).toArray()).toEqual([1, 2, 9]);
    expect(lax.scatterAdd(x, u32([1], [huge]), one).toArray()).toEqual([1, 2, 3]);
    expect(nn.oneHot(u32([2], [huge, 1]), 3).toArray()).toEqual([
      [0, 0, 0],
      [0, 1, 0],
    ]);
    expect(np.take(x, Uint32Array.of(huge, 1)).toArray()).toEqual([3, 2]);
  });

  test("negative positions count from the end", () => {
    const last = i32([], [-1]);
    expect(lax.dynamicIndexInDim(x, last).item()).toBe(3);
    expect(lax.dynamicIndexInDim(x, -1).item()).toBe(3);
    expect(lax.dynamicSlice(x, [last], [1]).toArray()).toEqual([3]);
    expect(lax.dynamicSliceInDim(x, -2, 2).toArray()).toEqual([2, 3]);
    const one = f32([1], [9]);
    for (const f of [lax.dynamicUpdateSliceInDim, jit(lax.dynamicUpdateSliceInDim)]) {
      expect(f(x, one, last).toArray()).toEqual([1, 2, 9]);
    }
    expect(np.take(x, last).item()).toBe(3);
    // Far below the start they are clamped to it.
    expect(lax.dynamicSlice(x, [i32([], [-9])], [2]).toArray()).toEqual([1, 2]);
    const rows = vmap((at: Value) => lax.dynamicSliceInDim(x, at, 2))(i32([3], [-2, 0, -9]));
    expect(rows.toArray()).toEqual([
      [2, 3],
      [1, 2],
      [1, 2],
    ]);
  });

  test.each(lookups)("%s: floats are no positions", (_, find) => {
    expect(() => find(f32([], [1]))).toThrow(DTypeError);
  });

  test("nor are floats of typed arrays", () => {
    expect(() => np.take(x, Float64Array.of(1.5) as unknown as Float32Array)).toThrow(DTypeError);
    expect(() => nn.embedding({ table }, Float32Array.of(1))).toThrow(DTypeError);
  });
});
