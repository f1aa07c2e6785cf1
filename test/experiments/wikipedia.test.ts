import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { trainLanguage } from "../../experiments/language/train.ts";
import { compressorBits } from "../../experiments/wikipedia/compressors.ts";
import { configOf, settingsOf } from "../../experiments/wikipedia/settings.ts";
import { judgeWikipedia } from "../../experiments/wikipedia/verdict.ts";
import { init } from "../../src/init.ts";

const { smallest } = settingsOf;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "reformax-wikipedia-"));
  await init("wasm", { threads: 1 });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const bytes = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => 97 + ((i * i) % 13));

it("a training that was stopped goes on to the same numbers", async () => {
  const config = configOf(smallest, smallest.models[0], 0);
  const text = { train: bytes(3000), validation: bytes(300) };
  const told: string[] = [];
  let tookBefore = 0;
  const run = (into?: string, stopAt?: string) =>
    trainLanguage(
      config,
      text,
      (line) => {
        told.push(line);
        if (stopAt !== undefined && line.startsWith(stopAt)) throw new Error("stopped");
      },
      {
        folder: into,
        tookBefore: (seconds) => {
          tookBefore = seconds;
        },
      },
    );
  const whole = await run();
  await expect(run(folder, "step 4")).rejects.toThrow("stopped");
  told.length = 0;
  const { numbers } = await run(folder);
  expect(tookBefore).toBeGreaterThan(0);
  expect(tookBefore).toBeLessThan(numbers.seconds ?? NaN);
  expect(told[0]).toBe("goes on from step 2");
  const ofTime = { processorSeconds: 0, seconds: 0 };
  expect({ ...numbers, ...ofTime }).toEqual({ ...whole.numbers, ...ofTime });
  expect(numbers.processorSeconds).toBeGreaterThan(0);
});

it("a training ends where its time is over, and has saved", async () => {
  const text = { train: bytes(3000), validation: bytes(300) };
  const config = configOf(smallest, smallest.models[0], 0);
  const into = { folder: join(folder, "short"), mostSeconds: 0 };
  const { numbers } = await trainLanguage(config, text, () => undefined, into);
  expect(numbers.steps).toBe(0);
  const longer = { ...into, mostSeconds: 600 };
  const { numbers: all } = await trainLanguage(config, text, () => undefined, longer);
  expect(all.steps).toBe(smallest.models[0].steps);
});

it("compressors are asked for what bytes cost behind those before", () => {
  const before = crypto.getRandomValues(new Uint8Array(2000));
  // Bytes that have been seen cost next to nothing, others all of their eight bits.
  const seen = compressorBits(before, before);
  const unseen = compressorBits(before, crypto.getRandomValues(new Uint8Array(2000)));
  for (const name of ["gzip", "brotli"]) {
    expect(seen[name]).toBeLessThan(0.5);
    expect(unseen[name]).toBeGreaterThan(7.5);
  }
  expect(seen.bzip2).toBeNull();
});

it("random buckets that cost nothing take the claim down to a part", () => {
  const outcome = (shuffled: number, bzip2?: number): string =>
    judgeWikipedia(
      (name) => [{ whole: 2.5, silent: 3, shuffled }[name] ?? NaN],
      (name) => (name === "bzip2" ? bzip2 : 2.45),
    ).outcome;
  expect(outcome(2.7, 2.58)).toBe("holds");
  expect(outcome(2.5, 2.58)).toBe("holds in part");
  expect(outcome(2.7)).toBe("does not hold at this size");
});
