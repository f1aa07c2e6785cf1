/** What is told of hashing: against full attention by hand, against the health of the pass, and with buckets that hold everything. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { init } from "../../../src/init.ts";
import { array } from "../../../src/numpy/index.ts";
import { key } from "../../../src/random/index.ts";
import {
  initParams,
  inspectAttention,
  inspectHashing,
  runStack,
  summarizeHashing,
  type ReformerConfig,
} from "../../../src/reformer/index.ts";
import { runKeys } from "../../../src/training/index.ts";
import { attentionReporter } from "../../../src/training/inspect/attention-report.ts";
import {
  bucketStatistics,
  flipsBetween,
  recallOf,
} from "../../../src/training/inspect/statistics.ts";
import { tinyModel } from "../../reformer/tiny-model.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

const config: ReformerConfig = {
  ...tinyModel,
  layers: ["local", "lsh", "lsh"],
  mask: "causal",
  lsh: { ...tinyModel.lsh, chunk: 4, before: 1, after: 0, rounds: 2, buckets: [4] },
};

const tokensOf = (seed: number, length: number): number[] =>
  Array.from({ length }, (_, i) => ((seed + 7) * (i + 3) * 13 + i * i) % config.vocabulary);

const cases = fc.record({ seed: fc.nat(1000), length: fc.integer({ min: 9, max: 16 }) });

describe("a look at attention", () => {
  it("has the buckets of inspectHashing, weights that add up to 1, and full attention's own order", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, length }) => {
        const params = initParams(config, key(seed));
        const tokens = array([tokensOf(seed, length)], "i32");
        const seen = inspectAttention(config, params, tokens, key(1));
        const hashed = inspectHashing(config, params, tokens, key(1));
        expect(seen.map((layer) => layer?.buckets.toArray())).toEqual(
          hashed.map((layer) => layer?.buckets.toArray()),
        );
        for (const layer of seen) {
          if (!layer) continue;
          for (const weights of [layer.attended, layer.whole]) {
            const rows = Float32Array.from(weights.dataSync());
            for (let row = 0; row < rows.length / length; row++) {
              const own = rows.subarray(row * length, (row + 1) * length);
              const sum = own.reduce((total, weight) => total + weight, 0);
              expect(sum).toBeCloseTo(1, 4);
              // No token sees a later one.
              for (let i = (row % length) + 1; i < length; i++) expect(own[i]).toBe(0);
            }
          }
        }
      }),
      { numRuns: 8 },
    );
  });

  it("sees all that full attention sees where a bucket and a chunk's window hold every token", async () => {
    const wide: ReformerConfig = {
      ...config,
      conventions: "trax",
      lsh: { ...config.lsh, chunk: 8, before: 1, rounds: 1 },
    };
    const params = initParams(wide, key(3));
    const report = await attentionReporter(wide, { top: 4 })(
      params,
      tokensOf(3, 16),
      runKeys(2).evaluation,
    );
    expect(report.layers.map(({ layer }) => layer)).toEqual([1, 2]);
    for (const { recall, mass, ofTokens } of report.layers) {
      expect(recall).toBe(1);
      expect(mass).toBeCloseTo(1, 5);
      expect(ofTokens.every((share) => share === 1)).toBe(true);
    }
  });

  it("tells the overflow and the largest bucket that training tells", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, length }) => {
        const one: ReformerConfig = { ...config, layers: ["lsh"] };
        const params = initParams(one, key(seed));
        const tokens = tokensOf(seed, length);
        const { evaluation } = runKeys(5);
        const { layers } = await attentionReporter(one)(params, tokens, evaluation);
        const { health } = runStack(one, params, array([tokens], "i32"), evaluation);
        const told = summarizeHashing(health.hashing);
        expect(layers[0].overflow).toBeCloseTo(told.beyondChunk.item(), 5);
        expect(layers[0].largest).toBe(told.largestBucket.item());
      }),
      { numRuns: 8 },
    );
  });

  it("is refused where heads see more than the tokens", () => {
    const turning: ReformerConfig = { ...config, attention: { rotaryBase: 10_000 } };
    const params = initParams(turning, key(0));
    expect(() =>
      inspectAttention(turning, params, array([tokensOf(0, 12)], "i32"), key(1)),
    ).toThrow(/cannot be compared with full attention.*rotaryBase/);
  });
});

describe("statistics", () => {
  it("of buckets count by hand", () => {
    // Tokens 0 to 5 in buckets 2, 0, 0, 2, 2, 3 of 4: sorted 1 2 | 0 3 | 4 5 in chunks of two, which see their own alone.
    const buckets = Int32Array.of(2, 0, 0, 2, 2, 3);
    const slots = Int32Array.of(2, 0, 1, 3, 4, 5);
    const shape = { heads: 1, rounds: 1, length: 6, numBuckets: 4, chunkLength: 2, before: 0 };
    expect(bucketStatistics({ buckets, slots }, shape)).toEqual({
      empty: 1,
      largest: 3,
      sizes: [1, 2],
      // Token 4 is in another chunk than its bucket's first.
      overflow: 1 / 6,
    });
  });

  it("of recall count by hand", () => {
    const whole = Float32Array.of(1, 0, 0, 0.5, 0.5, 0, 0.25, 0.5, 0.25);
    const attended = Float32Array.of(1, 0, 0, 0, 1, 0, 0.1, 0, 0.9);
    const { recall, mass, ofTokens } = recallOf(attended, whole, { heads: 1, length: 3, top: 2 });
    // Of the last token's best, 1 and then 0 before 2, only 0 was seen.
    expect(ofTokens).toEqual([1, 0.5, 0.5]);
    expect(recall).toBeCloseTo(2 / 3, 12);
    expect(mass).toBeCloseTo((1 + 0.5 + 0.5) / 3, 12);
  });

  it("of flips are the share of places that differ", () => {
    expect(flipsBetween(Int32Array.of(1, 2, 3, 4), Int32Array.of(1, 2, 0, 4))).toBe(0.25);
  });
});
