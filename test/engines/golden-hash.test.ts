/*
 * One training run has the same bits on every engine, whatever the backend's choices. A change of the golden hash is a
 * change of the arithmetic: checkpoints of earlier versions no longer resume to the same end.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, installEngines, runOn } from "../../tools/engines/index.mjs";
import golden from "../golden/training-run.json" with { type: "json" };
import { highArena } from "../support/high-arena.ts";
import { bundleScript } from "../support/bundle.ts";
import { goldenText, splitAll } from "./golden-text.ts";
import { trainingRun } from "./training-run.ts";

const bytes = new TextEncoder().encode(goldenText);

const folder = mkdtempSync(join(tmpdir(), "reformax-hash-"));
const script = join(folder, "print-hash.mjs");

beforeAll(async () => {
  installEngines();
  await bundleScript("test/engines/print-hash.ts", script);
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("20 steps of training", () => {
  // The process ends by itself afterwards, although its threads are still there.
  test.each(engines())(
    "on $name, in low memory and in high, on one thread and on two",
    (engine) => {
      const one = { threads: 1 };
      const choices = [one, { ...one, arenaBase: highArena }, { threads: 2, ...splitAll }];
      const lines = runOn(engine, script, [goldenText, JSON.stringify(choices)])
        .trim()
        .split("\n");
      const expected = [1, 1, 2].map((threads) => `${golden.parameters} ${threads}`);
      expect(lines).toEqual(expected);
    },
  );

  test.each([
    { threads: 2 },
    { threads: 3, ...splitAll },
    { threads: 5, smallest: { step: 2000, run: 0 }, arenaBase: highArena },
  ])("with %j", async (options) => {
    const { parameters, threads } = await trainingRun(bytes, options);
    expect(threads).toBe(options.threads);
    expect(parameters).toBe(golden.parameters);
  });

  test.each([1, 2, 3])("on threads that dawdle: %i", async (delaySeed) => {
    const { parameters } = await trainingRun(bytes, {
      threads: 1 + delaySeed,
      smallest: { step: 2000, run: 0 },
      faults: () => ({ delaySeed }),
    });
    expect(parameters).toBe(golden.parameters);
  });

  const optimisations = { cse: false, inline: false, foldConstants: false, foldViews: false };
  test.each([
    { fusion: false },
    { inPlace: false },
    { poison: true },
    { ...optimisations, fusion: false, inPlace: false },
  ])("with %j", async (options) => {
    const { parameters } = await trainingRun(bytes, options);
    expect(parameters).toBe(golden.parameters);
  });

  test("lower the loss, and from another seed end elsewhere", async () => {
    const { parameters, losses } = await trainingRun(bytes, {}, 2021);
    expect(losses).toHaveLength(20);
    expect(losses[19]).toBeLessThan(losses[0] - 1);
    expect(parameters).not.toBe(golden.parameters);
  });
});
