import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Words } from "../../../src/core/dtype.ts";
import { expectClose, type Tolerance } from "../../support/arrays.ts";
import { randomFloats } from "../../support/random-words.ts";
import { bitsOf, run, runInParts } from "../../support/kernels.ts";

const epsilon = 1e-5;
const epsilonBits = new Int32Array(new Float32Array([epsilon]).buffer)[0];

/** Mean and 1 / sqrt(variance + epsilon) of each row, in float64. */
function statistics(x: Float32Array, d: number): { mean: number; rstd: number }[] {
  return Array.from({ length: x.length / d }, (_, row) => {
    const values = Array.from(x.subarray(row * d, (row + 1) * d));
    const mean = values.reduce((sum, value) => sum + value, 0) / d;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / d;
    return { mean, rstd: 1 / Math.sqrt(variance + Math.fround(epsilon)) };
  });
}

const cases = fc.record({
  rows: fc.constantFrom(0, 1, 3, 5, 33),
  d: fc.constantFrom(1, 2, 3, 4, 5, 7, 15, 16, 17, 64, 65, 257, 1030),
  seed: fc.integer({ min: 0, max: 1000 }),
});

const runs = { numRuns: 60 };

/** Differences of elements below 8 in size, times rstd, times elements below 8: nearly equal rows cancel. */
const errorOf = (rstd: Words): Tolerance => ({
  absolute: 1e-4 * Math.max(1, ...rstd),
  relative: 1e-5,
});

function normalize(x: Float32Array, gamma: Float32Array, beta: Float32Array, d: number) {
  const rows = x.length / d;
  const results = [new Float32Array(x.length), new Float32Array(rows), new Float32Array(rows)];
  const immediates = [rows, d, epsilonBits];
  const [, , , y, mean, rstd] = runInParts(
    "layerNorm",
    [x, gamma, beta, ...results],
    immediates,
    [3, 4, 5],
  );
  return { y, mean, rstd };
}

describe("layerNorm", () => {
  test("agrees with float64", () => {
    fc.assert(
      fc.property(cases, ({ rows, d, seed }) => {
        const x = randomFloats(rows * d, seed);
        const [gamma, beta] = [randomFloats(d, seed + 1), randomFloats(d, seed + 2)];
        const { y, mean, rstd } = normalize(x, gamma, beta, d);
        const exact = statistics(x, d);
        const means = exact.map((row) => row.mean);
        expectClose(mean, means, { absolute: 4e-6, relative: 0 }, "mean");
        const rstds = exact.map((row) => row.rstd);
        expectClose(rstd, rstds, { absolute: 0, relative: 1e-4 }, "rstd");
        const expected = Array.from(x, (value, i) => {
          const row = exact[Math.floor(i / d)];
          return (value - row.mean) * row.rstd * gamma[i % d] + beta[i % d];
        });
        expectClose(y, expected, errorOf(rstd), "y");
      }),
      runs,
    );
  });

  test("a row far from zero keeps its digits", () => {
    const x = Float32Array.of(1000, 1001, 1002, 1003, 1004);
    const ones = new Float32Array(5).fill(1);
    const { mean, rstd } = normalize(x, ones, new Float32Array(5), 5);
    expect(mean[0]).toBe(1002);
    expect(rstd[0]).toBeCloseTo(Math.SQRT1_2, 5);
  });
});

describe("layerNormBackward", () => {
  test("agrees with the formulas in float64, block by block", () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(1, 2, 32), ({ rows, d, seed }, rowsPerBlock) => {
        const [x, dy] = [randomFloats(rows * d, seed), randomFloats(rows * d, seed + 3)];
        const gamma = randomFloats(d, seed + 1);
        const { mean, rstd } = normalize(x, gamma, randomFloats(d, 0), d);
        const blocks = Math.ceil(rows / rowsPerBlock);
        const [, , , , , dx, partials] = runInParts(
          "layerNormBackward",
          [x, gamma, mean, rstd, dy, new Float32Array(rows * d), new Float32Array(2 * blocks * d)],
          [rows, d, rowsPerBlock],
          [5, 6],
        );
        const expectedDx: number[] = [];
        const expectedPartials = new Array<number>(2 * blocks * d).fill(0);
        for (let row = 0; row < rows; row++) {
          const normal = (i: number): number => (x[row * d + i] - mean[row]) * rstd[row];
          const h = (i: number): number => dy[row * d + i] * gamma[i];
          const columns = Array.from({ length: d }, (_, i) => i);
          const meanH = columns.reduce((sum, i) => sum + h(i), 0) / d;
          const meanHNormal = columns.reduce((sum, i) => sum + h(i) * normal(i), 0) / d;
          const block = Math.floor(row / rowsPerBlock);
          for (const i of columns) {
            expectedDx.push(rstd[row] * (h(i) - meanH - normal(i) * meanHNormal));
            expectedPartials[block * d + i] += dy[row * d + i] * normal(i);
            expectedPartials[(blocks + block) * d + i] += dy[row * d + i];
          }
        }
        expectClose(dx, expectedDx, errorOf(rstd), "dx");
        expectClose(partials, expectedPartials, errorOf(rstd), "partials");
      }),
      runs,
    );
  });

  test("rows alone have the bits that they have together", () => {
    const [rows, d] = [7, 37];
    const [x, dy] = [randomFloats(rows * d, 1), randomFloats(rows * d, 2)];
    const gamma = randomFloats(d, 3);
    const differentiate = (from: number, to: number): Float32Array => {
      const part = x.slice(from * d, to * d);
      const { mean, rstd } = normalize(part, gamma, gamma, d);
      const outputs = [new Float32Array(part.length), new Float32Array(2 * d)];
      const buffers = [part, gamma, mean, rstd, dy.slice(from * d, to * d), ...outputs];
      return run("layerNormBackward", buffers, [to - from, d, 100])[5] as Float32Array;
    };
    const whole = differentiate(0, rows);
    for (let row = 0; row < rows; row++) {
      const alone = bitsOf(differentiate(row, row + 1));
      expect(alone).toEqual(bitsOf(whole.slice(row * d, (row + 1) * d)));
    }
  });
});
