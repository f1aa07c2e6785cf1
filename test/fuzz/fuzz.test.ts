import { describe, expect, test } from "vitest";
import { tensorFrom } from "../../src/core/tensor.ts";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

/*
 * `npm run fuzz -- --count 1000000 --seed 7` looks longer; a failure names its seed, with which it comes again.
 */

const most = 20_000;
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe(`up to ${most} mutants each, seed ${seed}`, () => {
  test.each(targets.map((target) => [target.name, target] as const))(
    "%s: read, or refused with one of our errors",
    async (name, target) => {
      const count = most / (target.cost ?? 1);
      const report = await fuzz(target, count, seed);
      console.log(`${name}: seed ${seed}, ${report.refused} of ${count} refused`);
      // Neither are all mutants wrong, nor does the reader take them all.
      expect(report.refused).toBeGreaterThan(count / 4);
    },
    120_000,
  );
});

test("the fuzzer finds a reader that throws what it should not", async () => {
  const broken = {
    ...targets[0],
    read: (bytes: Uint8Array) => tensorFrom("f32", [bytes.length], new Float32Array(bytes[-1])),
  };
  const careless = { ...targets[0], read: (bytes: Uint8Array) => new Array(-bytes.length) };
  await expect(fuzz(careless, 1, 5)).rejects.toThrow(/safetensors, seed 5, mutant 0: RangeError/);
  expect((await fuzz(broken, 10, 5)).refused).toBe(10);
});
