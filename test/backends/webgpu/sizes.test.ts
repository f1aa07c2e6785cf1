/** Kernels that cut their work into tiles and blocks, at sizes where there are several and the last one is smaller. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { init, toHost, tree, type Backend, type Tensor } from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as ops from "../../../src/ir/ops.ts";
import * as np from "../../../src/numpy/index.ts";
import { i32, normalTensor, u32 } from "../../support/arrays.ts";
import { integers } from "../../support/random-data.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice } from "../../support/webgpu-device.ts";

const whole = (seed: number, shape: readonly number[], below: number): Tensor =>
  i32(
    shape,
    integers(
      seed,
      shape.reduce((a, b) => a * b, 1),
      below,
    ),
  );

/** By what share of the largest element results differ: 0 where nothing is rounded, or in the same order. */
const cases: Readonly<Record<string, readonly [tolerance: number, compute: () => unknown]>> = {
  "sums of long rows": [2e-6, () => np.sum(normalTensor(1, [3, 10_001]), 1)],
  "sums of long columns": [2e-6, () => np.sum(normalTensor(1, [5003, 7]), 0)],
  "sums of all": [2e-6, () => np.sum(normalTensor(1, [313, 211]))],
  "maxima and products of integers": [
    0,
    () => [np.max(whole(1, [5003, 3], 1e9), 0), np.prod(whole(2, [70, 130], 7), 1)],
  ],
  "running sums": [
    0,
    () => {
      const x = normalTensor(3, [2, 1000, 3]);
      return [0, 1, 2].flatMap((axis) => [ops.cumSum(x, axis), ops.cumSum(x, axis, true)]);
    },
  ],
  "running sums of sums of nodes": [0, () => ops.cumSum(normalTensor(3, [70_001]), 0, true)],
  "running sums of integers": [0, () => ops.cumSum(whole(4, [2, 3001], 1e9), 1)],
  "sorted rows": [
    0,
    () => [np.sort(normalTensor(5, [3, 1000])), np.argsort(whole(6, [2, 777], 50))],
  ],
  "rows that are added to, some of which do not exist": [
    0,
    () =>
      ops.scatterAdd(
        np.zeros([3, 37, 5]),
        np.subtract(whole(7, [3, 500], 40), 1),
        normalTensor(8, [3, 500, 5]),
        1,
      ),
  ],
  "many updates of few rows of integers": [
    0,
    () =>
      ops.scatterAdd(np.zeros([2, 9], "i32"), whole(9, [3000], 2), whole(10, [3000, 9], 1e9), 0),
  ],
  "products with many terms": [
    2e-6,
    () => np.matmul(normalTensor(11, [5, 9000]), normalTensor(12, [9000, 3])),
  ],
  "products of tiles and parts of tiles, transposed": [
    2e-6,
    () => {
      const [a, b] = [normalTensor(13, [2, 131, 70]), normalTensor(14, [2, 90, 70])];
      return [
        np.matmul(a, np.swapaxes(b, 1, 2)),
        np.matmul(b, np.swapaxes(a, 1, 2)),
        np.matmul(np.swapaxes(a, 1, 2), np.ones([2, 131, 1])),
      ];
    },
  ],
  "hash, sort, and attention by chunks of more tokens than a workgroup has threads": [
    2e-5,
    () => {
      const [n, length, rounds, d, e] = [2, 280, 2, 6, 9];
      const [x, v] = [normalTensor(15, [n, length, d]), normalTensor(16, [n, length, e])];
      const rotations = normalTensor(17, [1, d, rounds, 16]);
      const [buckets] = ops.bindNamed("lshHash", [x, rotations], { sizes: [32] });
      const [order, inverse] = ops.bindNamed("bucketSort", [buckets], { numBuckets: 1000 });
      const valid = whole(18, [n, length], 5);
      const indices = [order, inverse, buckets, valid, u32([n, 2], [1, 2, 3, 4])];
      const params = { ...attention, chunkLength: 70 };
      const joint = { ...params, unitKeys: 1e-6 };
      const [out, lse] = ops.bindNamed("jointAttention", [x, v, ...indices], joint);
      const [dq, dv] = ops.bindNamed(
        "jointAttentionBackward",
        [x, v, ...indices, out, lse, ops.sin(out)],
        joint,
      );
      const own = ops.bindNamed("chunkedAttention", [x, x, v, ...indices], params);
      return [buckets, order, inverse, out, lse, dq, dv, ...own];
    },
  ],
  "attention around a ring, duplicates counted once, by a mask of pairs": [
    2e-5,
    () =>
      ([true, "sameRound"] as const).flatMap((duplicates) => {
        const [n, length, rounds, d] = [2, 24, 3, 5];
        const [x, v] = [normalTensor(21, [n, length, d]), normalTensor(22, [n, length, d])];
        const buckets = whole(23, [n, rounds, length], 4);
        const [order, inverse] = ops.bindNamed("bucketSort", [buckets], { numBuckets: 4 });
        const allowed = whole(24, [n, length, length], 5);
        const indices = [order, inverse, buckets, allowed, u32([n, 2], [1, 2, 3, 4])];
        const ring = { ...attention, chunkLength: 4, circular: true, pairs: true, duplicates };
        const params = { ...ring, unitKeys: 1e-6 };
        const [out, lse] = ops.bindNamed("jointAttention", [x, v, ...indices], params);
        const back = [x, v, ...indices, out, lse, ops.sin(out)];
        return [out, lse, ...ops.bindNamed("jointAttentionBackward", back, params)];
      }),
  ],
};

/** Everything but a ring and a mask of pairs. */
const attention = {
  before: 1,
  after: 1,
  causal: false,
  sameBucket: false,
  selfMask: -1e5,
  duplicates: true,
  circular: false,
  masked: true,
  scale: 0.5,
  keepProbability: 0.9,
};

await describeWithDevice("kernels of several blocks on WebGPU", () => {
  let wasm: Backend;
  let gpu: Backend;
  beforeAll(async () => {
    wasm = await init("wasm");
    gpu = await openWebGpu();
  });
  afterAll(() => gpu.dispose());

  it.each(Object.entries(cases))("%s", async (_, [tolerance, compute]) => {
    setBackend(gpu);
    const late = compute();
    const got = tree.leaves<Tensor>(await toHost(late));
    setBackend(wasm);
    tree.leaves<Tensor>(compute()).forEach((expected, i) => {
      expect(String(got[i].aval.shape)).toBe(String(expected.shape));
      const [a, b] = [Array.from(got[i].words()), Array.from(expected.words())];
      const largest = b.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const worst = a.reduce((most, x, k) => Math.max(most, Math.abs(x - b[k])), 0);
      expect(worst, `result ${i}`).toBeLessThanOrEqual(tolerance * largest);
    });
  });
});
