import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  nextTokenProbabilities,
  pickToken,
  type SamplingOptions,
} from "../../src/generation/sampling.ts";

const logits = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
});
const temperature = fc.double({ min: 0.1, max: 5, noNaN: true });
const topP = fc.double({ min: 0.001, max: 1, noNaN: true });
const topK = fc.integer({ min: 1, max: 40 });

const kept = (p: Float64Array) => [...p.keys()].filter((i) => p[i] > 0);
const total = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe("probabilities", () => {
  test("they add up to one, and order tokens as the logits do", () => {
    fc.assert(
      fc.property(logits, temperature, topK, topP, (l, t, k, p) => {
        const probabilities = nextTokenProbabilities(l, { temperature: t, topK: k, topP: p });
        expect(total(probabilities)).toBeCloseTo(1, 12);
        const [least, ...others] = kept(probabilities).sort((a, b) => l[a] - l[b]);
        expect(others.every((i) => probabilities[i] >= probabilities[least])).toBe(true);
        for (let i = 0; i < l.length; i++)
          if (l[i] > l[least]) expect(probabilities[i]).toBeGreaterThan(0);
      }),
    );
  });

  test("with no filter they are the softmax of logits over temperature", () => {
    fc.assert(
      fc.property(logits, temperature, (l, t) => {
        const weights = l.map((x) => Math.exp(x / t - Math.max(...l) / t));
        const sum = total(weights);
        nextTokenProbabilities(l, { temperature: t }).forEach((p, i) => {
          expect(p).toBeCloseTo(weights[i] / sum, 10);
        });
      }),
    );
  });

  test("top-k keeps k tokens", () => {
    fc.assert(
      fc.property(logits, topK, (l, k) => {
        const probabilities = nextTokenProbabilities(l, { temperature: 1, topK: k });
        expect(kept(probabilities)).toHaveLength(Math.min(k, l.length));
      }),
    );
  });

  test("top-p keeps the smallest set that reaches p: enough with the last one, too little without", () => {
    fc.assert(
      fc.property(logits, topP, (l, p) => {
        const all = nextTokenProbabilities(l, { temperature: 1 });
        const nucleus = kept(nextTokenProbabilities(l, { temperature: 1, topP: p }));
        const mass = total(nucleus.map((i) => all[i]));
        const smallest = Math.min(...nucleus.map((i) => all[i]));
        expect(mass).toBeGreaterThanOrEqual(p - 1e-12);
        if (nucleus.length > 1 && p < 1) expect(mass - smallest).toBeLessThan(p + 1e-12);
      }),
    );
  });

  test("top-p measures what is left after top-k and temperature", () => {
    const l = [0.4, 0.3, 0.2, 0.1].map(Math.log);
    const p = (options: object) => [...nextTokenProbabilities(l, { temperature: 1, ...options })];
    expect(p({ topP: 0.65 }).map((x) => x > 0)).toEqual([true, true, false, false]);
    expect(p({ topP: 0.75 }).map((x) => x > 0)).toEqual([true, true, true, false]);
    expect(p({ topP: 0.55, topK: 2 }).map((x) => x > 0)).toEqual([true, false, false, false]);
    expect(p({ topP: 0.65, temperature: 0.25 }).map((x) => x > 0)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  interface Case extends SamplingOptions {
    readonly logits: readonly number[];
    readonly seen: readonly number[];
    readonly probabilities: readonly number[];
  }

  test("are those of transformers, penalty and all filters together", () => {
    const path = new URL("../golden/generation/sampling.json", import.meta.url);
    const cases = JSON.parse(readFileSync(path, "utf8")) as readonly Case[];
    expect(cases).toHaveLength(40);
    for (const { logits: given, seen, probabilities, ...options } of cases) {
      const chosen = Object.entries(options).filter(([, value]) => value !== null);
      const own = Object.fromEntries(chosen) as unknown as SamplingOptions;
      const found = nextTokenProbabilities(given, own, seen);
      found.forEach((p, i) => {
        expect(p).toBeCloseTo(probabilities[i], 12);
      });
    }
  });

  test("min-p keeps what is likely enough beside the likeliest", () => {
    fc.assert(
      fc.property(logits, fc.double({ min: 0, max: 1, noNaN: true }), (l, minP) => {
        const all = nextTokenProbabilities(l, { temperature: 1 });
        const found = nextTokenProbabilities(l, { temperature: 1, minP });
        const least = minP * Math.max(...all);
        all.forEach((p, i) => {
          if (Math.abs(p - least) > 1e-12) expect(found[i] > 0).toBe(p > least);
        });
      }),
    );
  });

  test("a penalty makes seen tokens less likely, however often they were seen", () => {
    const l = [2, 1, -1];
    const p = (seen: readonly number[], repetitionPenalty = 2) => [
      ...nextTokenProbabilities(l, { temperature: 1, repetitionPenalty }, seen),
    ];
    const of = (values: readonly number[]) => [
      ...nextTokenProbabilities(values, { temperature: 1 }),
    ];
    expect(p([0, 2, 0])).toEqual(of([1, 1, -2]));
    expect(p([])).toEqual(of(l));
    expect(p([0, 1, 2], 1)).toEqual(of(l));
    // Ids of another vocabulary are none of these.
    expect(p([7])).toEqual(of(l));
  });

  test("temperature 0 takes the most likely token, the lowest of equals", () => {
    expect([...nextTokenProbabilities([1, 3, 3, 2], { temperature: 0 })]).toEqual([0, 1, 0, 0]);
    expect([...nextTokenProbabilities([5, 5], { temperature: 1, topK: 1 })]).toEqual([1, 0]);
  });

  test("impossible tokens stay so; broken logits and options are refused", () => {
    expect([...nextTokenProbabilities([-Infinity, 0], { temperature: 1 })]).toEqual([0, 1]);
    for (const bad of [
      [NaN, 1],
      [1, NaN],
      [Infinity, 0],
      [-Infinity, -Infinity],
    ]) {
      expect(() => nextTokenProbabilities(bad, { temperature: 1 })).toThrow(/not finite/);
    }
    for (const options of [
      { temperature: -1 },
      { temperature: 1, topP: 0 },
      { temperature: 1, topK: 0 },
      { temperature: 1, minP: 1.5 },
      { temperature: 1, minP: NaN },
      { temperature: 1, repetitionPenalty: 0 },
    ]) {
      expect(() => nextTokenProbabilities([1], options)).toThrow(/impossible options/);
    }
  });
});

describe("picking", () => {
  test("each token is picked on an interval as long as its probability", () => {
    fc.assert(
      fc.property(logits, (l) => {
        const probabilities = nextTokenProbabilities(l, { temperature: 1, topP: 0.9 });
        const n = 2000;
        const counts = new Float64Array(l.length);
        for (let i = 0; i < n; i++) counts[pickToken(probabilities, (i + 0.5) / n)]++;
        counts.forEach((count, i) => {
          expect(Math.abs(count / n - probabilities[i])).toBeLessThanOrEqual(1 / n + 1e-9);
        });
      }),
      { numRuns: 30 },
    );
  });

  test("never a token of probability 0, at either end", () => {
    expect(pickToken(Float64Array.of(0, 0.5, 0.5, 0), 0)).toBe(1);
    expect(pickToken(Float64Array.of(0, 0.3, 0.7 - 1e-9, 0), 1 - 2 ** -32)).toBe(2);
  });
});
