/*
 * Sums of products that round once where the engine likes: other bits than strict arithmetic, but as good,
 * and the same on any number of threads.
 */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkArithmetic, hasRelaxedArithmetic } from "../../../src/backends/wasm/arithmetic.ts";
import { BackendError } from "../../../src/core/errors.ts";
import type { Tensor } from "../../../src/core/tensor.ts";
import { init } from "../../../src/index.ts";
import * as np from "../../../src/numpy/index.ts";
import { trainingRun } from "../../engines/training-run.ts";
import golden from "../../golden/training-run.json" with { type: "json" };

const sample = new URL("../../../samples/crime-and-punishment.txt", import.meta.url);
const text = new TextEncoder().encode(readFileSync(sample, "utf8").slice(20_000, 24_000));

/** The largest relative error of one rounding. */
const unitRoundoff = 2 ** -24;

describe("relaxed arithmetic", () => {
  beforeAll(async () => {
    await init("wasm", { arithmetic: "relaxed", threads: 2, smallest: { step: 0, run: 0 } });
  });
  afterAll(async () => {
    await init();
  });

  test("matrix products are as near to the exact ones as rounding allows", () => {
    const size = fc.integer({ min: 1, max: 40 });
    const value = fc.float({ min: -8, max: 8, noNaN: true });
    const problem = fc
      .tuple(size, size, size)
      .chain(([m, k, n]) =>
        fc.tuple(
          fc.constant([m, k, n] as const),
          fc.array(value, { minLength: m * k, maxLength: m * k }),
          fc.array(value, { minLength: k * n, maxLength: k * n }),
        ),
      );
    fc.assert(
      fc.property(problem, ([[m, k, n], a, b]) => {
        const x = np.reshape(np.array(a), [m, k]);
        const y = np.reshape(np.array(b), [k, n]);
        const product = (np.matmul(x, y) as Tensor).words();
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let exact = 0;
            let magnitude = 0;
            for (let p = 0; p < k; p++) {
              exact += Math.fround(a[i * k + p]) * Math.fround(b[p * n + j]);
              magnitude += Math.abs(a[i * k + p] * b[p * n + j]);
            }
            const bound = 2 * (k + 1) * unitRoundoff * magnitude + 2 ** -126;
            expect(Math.abs(product[i * n + j] - exact)).toBeLessThanOrEqual(bound);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("training has the same bits on any number of threads, and learns as strict training does", async () => {
    const options = { arithmetic: "relaxed", smallest: { step: 0, run: 0 } } as const;
    const alone = await trainingRun(text, { ...options, threads: 1 });
    for (const threads of [2, 3]) {
      const together = await trainingRun(text, {
        ...options,
        threads,
        faults: () => ({ delaySeed: 3 }),
      });
      expect(together.threads).toBe(threads);
      expect(together.parameters).toBe(alone.parameters);
    }
    const strict = await trainingRun(text, { threads: 1 });
    expect(strict.parameters).toBe(golden.parameters);
    alone.losses.forEach((loss, step) => {
      expect(Math.abs(loss - strict.losses[step])).toBeLessThan(0.02);
    });
  });
});

describe("an arithmetic that is not there", () => {
  test("is an error that says what to do", () => {
    expect(() => {
      checkArithmetic("sloppy");
    }).toThrow(/unknown arithmetic.*strict or relaxed.*sloppy/s);
    const without = (): boolean => false;
    expect(() => {
      checkArithmetic("relaxed", without);
    }).toThrow(BackendError);
    expect(() => {
      checkArithmetic("relaxed", without);
    }).toThrow(/Compute with strict arithmetic/);
    checkArithmetic("strict", without);
  });

  test("is there in this engine", () => {
    expect(hasRelaxedArithmetic()).toBe(true);
  });
});
