import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Words } from "../../../src/core/dtype.ts";
import { expectClose } from "../../support/arrays.ts";
import { randomFloats, randomIntegers } from "../../support/random-words.ts";
import { runInParts } from "../../support/kernels.ts";

const cases = fc.record({
  rows: fc.constantFrom(0, 1, 3, 5, 17),
  classes: fc.constantFrom(1, 2, 3, 4, 5, 8, 13, 16, 64, 65, 257, 2100),
  seed: fc.integer({ min: 0, max: 1000 }),
});

function logSumExp(row: Float32Array): number {
  const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
  return largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0));
}

function lossOf(logits: Float32Array, labels: Int32Array, classes: number) {
  const rows = labels.length;
  const [, , loss, lse] = runInParts(
    "softmaxCrossEntropy",
    [logits, labels, new Float32Array(rows), new Float32Array(rows)],
    [rows, classes],
    [2, 3],
  );
  return { loss, lse };
}

describe("softmaxCrossEntropy", () => {
  test("agrees with float64, forward and backward", () => {
    fc.assert(
      fc.property(cases, ({ rows, classes, seed }) => {
        const logits = randomFloats(rows * classes, seed);
        const labels = randomIntegers(rows, -1, classes - 1, seed + 1);
        const g = randomFloats(rows, seed + 2);
        const { loss, lse } = lossOf(logits, labels, classes);
        const dLogits = runInParts(
          "softmaxCrossEntropyBackward",
          [logits, labels, lse, g, new Float32Array(logits.length)],
          [rows, classes],
          [4],
        )[4];
        const rowOf = (row: number): Float32Array =>
          logits.subarray(row * classes, (row + 1) * classes);
        const exact = Array.from(labels, (_, row) => logSumExp(rowOf(row)));
        const losses = Array.from(labels, (label, row) =>
          label < 0 ? 0 : exact[row] - rowOf(row)[label],
        );
        const gradient = Array.from(logits, (x, i) => {
          const row = Math.floor(i / classes);
          if (labels[row] < 0) return 0;
          return (Math.exp(x - exact[row]) - (i % classes === labels[row] ? 1 : 0)) * g[row];
        });
        const tolerance = { absolute: 3e-6, relative: 1e-6 };
        expectClose(lse, exact, tolerance, "lse");
        expectClose(loss, losses, tolerance, "loss");
        expectClose(dLogits, gradient, { absolute: 3e-5, relative: 0 }, "gradient");
      }),
      { numRuns: 60 },
    );
  });

  test("takes logits of any size, and treats labels beyond the last class as the last", () => {
    const logits = Float32Array.of(1e30, -1e30, 0, -200, -300, -Infinity);
    const { loss, lse } = lossOf(logits, Int32Array.of(0, 7), 3);
    expect([...lse]).toEqual([Math.fround(1e30), -200]);
    expect([...loss]).toEqual([0, Infinity]);
  });

  test("keeps NaN", () => {
    const { loss } = lossOf(Float32Array.of(0, Number.NaN, 0, 0, 0, 0), Int32Array.of(0), 6);
    expect(loss[0]).toBeNaN();
  });

  test("may write the derivative over the logits", () => {
    const logits = randomFloats(3 * 11, 1);
    const labels = Int32Array.of(2, 10, -1);
    const { lse } = lossOf(logits, labels, 11);
    const g = Float32Array.of(1, 2, 3);
    const differentiateInto = (out: Words): Words =>
      runInParts("softmaxCrossEntropyBackward", [logits, labels, lse, g, out], [3, 11], [4])[4];
    expect(differentiateInto(logits)).toEqual(differentiateInto(new Float32Array(33)));
  });
});
