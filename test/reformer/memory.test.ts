/** The choice of chunks by a budget, against the planner. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { init, tree, type Tensor } from "../../src/index.ts";
import { planProgram } from "../../src/plan/index.ts";
import { key } from "../../src/random/index.ts";
import { chunkForBudget, parameterCount, trainingBytes } from "../../src/reformer/models/memory.ts";
import { initParams } from "../../src/reformer/index.ts";
import { modelConfig, repeated, trainStepOf, target, zeroBackend } from "../support/model-plans.ts";

const kinds = fc.constantFrom("local", "lsh", "full");

describe("a memory budget", () => {
  it("counts the parameters that there are", async () => {
    await init("reference");
    fc.assert(
      fc.property(
        fc.record({
          layers: fc.array(kinds, { minLength: 1, maxLength: 4 }),
          heads: fc.integer({ min: 1, max: 3 }),
          headWidth: fc.integer({ min: 1, max: 8 }),
          feedForwardWidth: fc.integer({ min: 1, max: 16 }),
          learned: fc.boolean(),
          conventions: fc.constantFrom("paper", "lucidrains"),
          tied: fc.boolean(),
        }),
        ({ learned, tied, ...sizes }) => {
          const { model } = modelConfig(
            {
              ...sizes,
              width: 12,
              positions: learned
                ? { kind: "learned", length: 512 }
                : { kind: "axial", shape: [8, 64], widths: [4, 8] },
              tiedEmbedding: tied && sizes.conventions === "lucidrains",
            },
            {},
          );
          const leaves = tree.leaves<Tensor>(initParams(model, key(0)));
          expect(parameterCount(model)).toBe(leaves.reduce((sum, { size }) => sum + size, 0));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is kept by the plan of the step with the chunks that it chooses", () => {
    for (const { length, width, rounds, update } of [
      { length: 4096, width: 128, rounds: 1, update: "afterwards" },
      { length: 4096, width: 256, rounds: 2, update: "inSweep" },
      { length: 16384, width: 128, rounds: 4, update: "afterwards" },
      { length: 256, width: 256, rounds: 1, update: "afterwards" },
    ]) {
      const changes = {
        width,
        layers: repeated(2, "local", "lsh"),
        lsh: { chunk: 64, rounds, buckets: "auto" },
        positions: { kind: "axial", shape: [length / 64, 64], widths: [64, width - 64] },
      };
      const sizes = { batch: 1, length, optimizerCopies: 2 };
      const { model } = modelConfig(changes, { length });
      for (const rows of [32, 64, 128, 512]) {
        const budget = trainingBytes(model, sizes, rows);
        const { chunk, needed } = chunkForBudget(model, sizes, budget);
        if (chunk === undefined) {
          expect(needed).toBeGreaterThan(budget);
          continue;
        }
        const chunks = { feedForwardChunk: chunk, lossChunk: chunk };
        const config = modelConfig({ ...changes, ...chunks }, { length, update, clip: null });
        const { program } = trainStepOf(config, zeroBackend);
        const peak = planProgram(program, target).main.frameBytes;
        console.log(
          `${length} x ${width}, ${update}: budget ${budget}, chunk ${chunk}, peak ${peak}`,
        );
        expect(peak).toBeLessThanOrEqual(budget);
      }
    }
  });

  it("never chooses less for more, and says what the least is", () => {
    const { model } = modelConfig({ feedForwardWidth: 4096 }, {});
    const sizes = fc.record({
      batch: fc.integer({ min: 1, max: 4 }),
      length: fc.integer({ min: 1, max: 20_000 }),
      optimizerCopies: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(sizes, fc.nat(2 ** 30), fc.nat(2 ** 28), (of, budget, more) => {
        const less = chunkForBudget(model, of, budget);
        const [a, b] = [less.chunk ?? 0, chunkForBudget(model, of, budget + more).chunk ?? 0];
        expect(a).toBeLessThanOrEqual(b);
        if (less.needed === undefined) return;
        expect(chunkForBudget(model, of, less.needed).chunk).toBeGreaterThanOrEqual(64);
        expect(chunkForBudget(model, of, less.needed - 1).chunk).toBeUndefined();
      }),
    );
  });
});

describe("a device's limits", () => {
  const device = { maxBufferBytes: 2 ** 31 };

  it("let chunks be as long as its buffer has room for, at most all tokens or 65,536 rows", () => {
    const { model } = modelConfig({}, {});
    const sizes = { batch: 2, length: 600, optimizerCopies: 2 };
    expect(chunkForBudget(model, sizes, 2 ** 32).chunk).toBe(512);
    expect(chunkForBudget(model, sizes, 2 ** 32, device).chunk).toBe(2048);
    const most = { ...sizes, length: 2 ** 19 };
    const large = { maxBufferBytes: 2 ** 50 };
    expect(chunkForBudget(model, most, 2 ** 50, large).chunk).toBe(65_536);
    const room = trainingBytes(model, sizes, 1024);
    for (const [budget, maxBufferBytes] of [
      [room, 2 ** 31],
      [2 ** 31, room],
    ]) {
      expect(chunkForBudget(model, sizes, budget, { maxBufferBytes }).chunk).toBe(1024);
      expect(chunkForBudget(model, sizes, budget - 1, { maxBufferBytes }).chunk).toBeLessThan(2048);
    }
    expect(chunkForBudget(model, sizes, 2 ** 31, { maxBufferBytes: 1000 }).needed).toBe(
      trainingBytes(model, sizes, 64),
    );
  });

  it("are kept by the plan of the step with those chunks", () => {
    const changes = {
      layers: repeated(2, "local", "lsh"),
      positions: { kind: "axial", shape: [64, 64], widths: [64, 64] },
    };
    const sizes = { batch: 1, length: 4096, optimizerCopies: 2 };
    const { model } = modelConfig(changes, { length: 4096 });
    const { chunk = 0 } = chunkForBudget(model, sizes, 2 ** 32, device);
    expect(chunk).toBe(4096);
    const chunks = { feedForwardChunk: chunk, lossChunk: chunk };
    const config = modelConfig({ ...changes, ...chunks }, { length: 4096, clip: null });
    const { program } = trainStepOf(config, zeroBackend);
    const peak = planProgram(program, { ...target, alignment: 256 }).main.frameBytes;
    expect(peak).toBeLessThanOrEqual(trainingBytes(model, sizes, chunk));
  });
});
