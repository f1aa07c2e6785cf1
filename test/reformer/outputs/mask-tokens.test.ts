import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../../src/init.ts";
import { jit, type Value } from "../../../src/index.ts";
import { key } from "../../../src/random/index.ts";
import { maskTokens, type MaskOptions } from "../../../src/reformer/index.ts";
import { expectSameBits, i32 } from "../../support/arrays.ts";
import { integers } from "../../support/random-data.ts";

beforeAll(async () => {
  await init();
});

const vocabulary = 50;
const maskToken = 60;
const options: MaskOptions = { maskToken, vocabulary };

describe("maskTokens", () => {
  test("targets are the chosen tokens, inputs differ from the tokens there alone", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 0, max: 60 }), (seed, length) => {
        const tokens = i32([2, length], integers(seed, 2 * length, vocabulary));
        const valid = i32([2, length], integers(seed + 1, 2 * length, 2));
        const { inputs, targets } = maskTokens(key(seed), tokens, { ...options, rate: 0.5, valid });
        const [got, wanted] = [inputs.dataSync(), targets.dataSync()];
        const [given, real] = [tokens.dataSync(), valid.dataSync()];
        given.forEach((token, i) => {
          expect([-1, token]).toContain(wanted[i]);
          if (wanted[i] < 0) expect(got[i]).toBe(token);
          if (real[i] === 0) expect(wanted[i]).toBe(-1);
          expect(got[i] === maskToken || (got[i] >= 0 && got[i] < vocabulary)).toBe(true);
        });
      }),
      { numRuns: 20 },
    );
  });

  test("shares: of 40,000 tokens 15 % are chosen, 80, 10 and 10 % of them hidden, replaced, kept", () => {
    const count = 40_000;
    // No random token is the one that stood there.
    const tokens = i32([1, count], Array<number>(count).fill(55));
    const { inputs, targets } = maskTokens(key(3), tokens, options);
    const [got, wanted] = [inputs.dataSync(), targets.dataSync()];
    const chosen = Array.from(got).filter((_, i) => wanted[i] >= 0);
    const share = (test: (token: number) => boolean): number =>
      chosen.filter(test).length / chosen.length;
    // Five standard deviations of a count.
    const near = (value: number, p: number, n: number) => {
      expect(Math.abs(value - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
    };
    near(chosen.length / count, 0.15, count);
    near(
      share((token) => token === maskToken),
      0.8,
      chosen.length,
    );
    near(
      share((token) => token < vocabulary),
      0.1,
      chosen.length,
    );
    near(
      share((token) => token === 55),
      0.1,
      chosen.length,
    );
    expect(new Set(chosen.filter((token) => token < vocabulary)).size).toBe(vocabulary);
  });

  test("equal keys choose equally, compiled or not; other keys otherwise", () => {
    const tokens = i32([3, 40], integers(1, 120, vocabulary));
    const compiled = jit((k: Value, x: Value) => maskTokens(k, x, options));
    const [a, b] = [maskTokens(key(1), tokens, options), compiled(key(1), tokens)];
    expectSameBits(a.inputs, b.inputs, "inputs");
    expectSameBits(a.targets, b.targets, "targets");
    expect(maskTokens(key(2), tokens, options).targets.toArray()).not.toEqual(a.targets.toArray());
  });

  test("all, and none", () => {
    const tokens = i32([1, 30], integers(1, 30, vocabulary));
    const all = maskTokens(key(0), tokens, { ...options, rate: 1, masked: 1, random: 0 });
    expect(new Set(all.inputs.dataSync())).toEqual(new Set([maskToken]));
    expect(all.targets.toArray()).toEqual(tokens.toArray());
    const none = maskTokens(key(0), tokens, { ...options, rate: 0 });
    expect(none.inputs.toArray()).toEqual(tokens.toArray());
  });

  test("shares that are none are refused", () => {
    const tokens = i32([1, 2], [1, 2]);
    for (const wrong of [
      { rate: 1.1 },
      { rate: -0.1 },
      { masked: 0.9, random: 0.2 },
      { rate: NaN },
    ])
      expect(() => maskTokens(key(0), tokens, { ...options, ...wrong })).toThrow(/share/);
    expect(() => maskTokens(key(0), tokens, { ...options, vocabulary: 0 })).toThrow(/vocabulary/);
  });
});
