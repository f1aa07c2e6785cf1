import { beforeAll, describe, expect, it } from "vitest";
import { grad, init, jit, vmap, type Tensor, type Value } from "../../src/index.ts";
import type { Words } from "../../src/core/dtype.ts";
import * as np from "../../src/numpy/index.ts";
import * as ops from "../../src/ir/ops.ts";
import { expectSameBits, f32, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { uniformSource } from "../support/random-data.ts";

const sumsOf = (x: Tensor, axis: number, reverse: boolean): Words =>
  (ops.cumSum(x, axis, reverse) as Tensor).words();

/** Half a unit in the last place of 1. */
const unit = 2 ** -24;

/** By how many units of the sum of the absolute values so far running sums differ from those in float64, at most. */
function largestError(x: Float32Array, sums: Float32Array): number {
  let exact = 0;
  let size = 0;
  let largest = 0;
  x.forEach((value, i) => {
    exact += value;
    size += Math.abs(value);
    if (size > 0) largest = Math.max(largest, Math.abs(sums[i] - exact) / (size * unit));
  });
  return largest;
}

const kinds: Readonly<Record<string, (uniform: () => number) => number>> = {
  "one number": () => 0.1,
  "numbers of one sign": (uniform) => uniform(),
  "numbers of both signs": (uniform) => uniform() - 0.5,
  "numbers of many sizes": (uniform) => 2 ** Math.floor(40 * uniform() - 20),
};

/** A level adds at most four numbers, the first to zero, and rounds once more where they are added to what is above. */
const bound = (length: number): number => 4 * Math.ceil(Math.log2(length) / 2);

describe("running sums in wasm", () => {
  beforeAll(async () => {
    await init("wasm");
  });

  it("gives 100000 for a million tenths", () => {
    const sums = np.cumsum(np.full([1_000_000], 0.1));
    expect(np.index(sums, -1).item()).toBe(100000);
    expect(np.index(ops.cumSum(np.full([1_000_000], 0.1), 0, true), 0).item()).toBe(100000);
  });

  for (const [kind, draw] of Object.entries(kinds)) {
    it.each([1e3, 1e4, 1e5, 1e6])(`stays near the exact sums of %d ${kind}`, (length) => {
      const uniform = uniformSource(length);
      const x = Float32Array.from({ length }, () => draw(uniform));
      const [forwards, backwards] = [false, true].map((reverse) => {
        const line = reverse ? x.slice().reverse() : x;
        const sums = new Float32Array(sumsOf(f32([length], line), 0, reverse));
        return largestError(x, reverse ? sums.reverse() : sums);
      });
      expect(backwards).toBe(forwards);
      expect(forwards).toBeLessThan(bound(length));
    });
  }
});

describeBackends("running sums", () => {
  const long = [2, 5000] as const;

  it("are the same in every layout", () => {
    const x = normalTensor(1, long);
    const rows = np.cumsum(x, 1);
    expectSameBits(np.transpose(np.cumsum(np.transpose(x), 0)), rows, "columns");
    expectSameBits(vmap((row: Value) => np.cumsum(row))(x), rows, "vmap");
    expectSameBits(
      jit((y: Value) => np.flip(np.cumsum(np.flip(y, 1), 1), 1))(x),
      ops.cumSum(x, 1, true),
      "from the end",
    );
  });

  it("have running sums from the other end for a gradient", () => {
    const x = normalTensor(2, long);
    const weights = normalTensor(3, long);
    const gradient = grad((y: Value) => np.sum(np.multiply(np.cumsum(y, 1), weights)))(x);
    expectSameBits(gradient, ops.cumSum(weights, 1, true), "gradient");
  });
});

describe("running sums of both backends", () => {
  it.each([
    [[70_001], 0],
    [[3, 9000, 2], 1],
    [[20, 300, 37], 1],
  ] as const)("are the same bits for %j along %i", async (shape, axis) => {
    const x = normalTensor(4, shape);
    const compute = () => [false, true].map((reverse) => ops.cumSum(x, axis, reverse));
    await init("reference");
    const expected = compute();
    for (const threads of [1, 2, 3]) {
      await init("wasm", { threads });
      compute().forEach((sums, i) => expectSameBits(sums, expected[i], `on ${threads} threads`));
    }
  });
});
