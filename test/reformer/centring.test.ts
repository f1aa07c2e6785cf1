import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jit, type Tensor, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import { deviations } from "../../src/reformer/attention/centring.ts";
import { lsh } from "../../src/reformer/index.ts";
import { expectClose, expectSameBits, i32, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { integers } from "../support/random-data.ts";

const shapes = fc.record({
  groups: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 20 }),
  width: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1000),
});

const compiled = jit(deviations);
const real = (groups: number, length: number): Tensor =>
  i32([groups, length], new Int32Array(groups * length).fill(1));

describeBackends("deviations from the running mean", (backend) => {
  const numRuns = backend === "reference" ? 20 : 60;

  it("are x minus the mean of the real vectors so far, in float64", () => {
    fc.assert(
      fc.property(shapes, ({ groups, length, width, seed }) => {
        const x = normalTensor(seed, [groups, length, width]);
        const valid = i32([groups, length], integers(seed + 1, groups * length, 2));
        const [xs, weights] = [x.words(), valid.words()];
        const expected = new Float64Array(xs.length);
        for (let n = 0; n < groups; n++) {
          for (let j = 0; j < width; j++) {
            let [sum, count] = [0, 0];
            for (let i = 0; i < length; i++) {
              const at = (n * length + i) * width + j;
              sum += weights[n * length + i] * xs[at];
              count += weights[n * length + i];
              expected[at] = xs[at] - sum / Math.max(1, count);
            }
          }
        }
        const got = compiled(x, valid) as Tensor;
        expectClose(got.words(), expected, { absolute: 1e-5, relative: 1e-5 }, "deviation");
      }),
      { numRuns },
    );
  });

  it("of a token depend on no later one and on no padding, bit for bit", () => {
    fc.assert(
      fc.property(shapes, fc.nat(19), ({ groups, length, width, seed }, place) => {
        const at = place % length;
        const x = normalTensor(seed, [groups, length, width]);
        const other = normalTensor(seed + 1, [groups, length, width]);
        const isLater = np.reshape(np.greater(np.arange(length), at), [1, length, 1]);
        const changed = np.where(isLater, other, x);
        const got = compiled(changed, real(groups, length)) as Tensor;
        const plain = compiled(x, real(groups, length)) as Tensor;
        const kept = (v: Tensor): Value => np.where(isLater, 0, v);
        expectSameBits(kept(got), kept(plain), "tokens up to the changed ones");
        const padding = np.astype(np.logicalNot(np.reshape(isLater, [1, length])), "i32");
        const masked = np.broadcastTo(padding, [groups, length]);
        expectSameBits(kept(compiled(changed, masked) as Tensor), kept(plain), "padding behind");
      }),
      { numRuns },
    );
  });

  it("spread vectors with a large common part over the buckets", () => {
    const [length, width] = [256, 16];
    const common = np.multiply(normalTensor(5, [1, 1, width]), 20);
    const x = np.add(normalTensor(6, [1, length, width]), common) as Tensor;
    const rotation = lsh.rotations(key(1), { groups: 1, width, rounds: 1, sizes: [16] });
    const largest = (v: Value): number => {
      const counts = new Array<number>(16).fill(0);
      for (const bucket of (lsh.hash(v, rotation, [16]) as Tensor).words()) counts[bucket]++;
      return Math.max(...counts);
    };
    expect(largest(x)).toBeGreaterThan(length * 0.9);
    expect(largest(compiled(x, real(1, length)))).toBeLessThan(length * 0.25);
  });
});
