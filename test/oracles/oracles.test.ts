/** The oracles checked against each other and against published values, without the library. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HeadOptions } from "../../src/reformer/attention/head-options.ts";
import { conventions } from "../../src/reformer/attention/conventions.ts";
import { integers, normals } from "../support/random-data.ts";
import { expectClose, rowsOf } from "../support/arrays.ts";
import { centralGradient } from "./derivatives.ts";
import { attend, attendUnion, combineRounds, pairsOf, uncoveredPairs } from "./lsh-attention.ts";
import { headGradients, prepareHead, runHead } from "./attention-head.ts";
import { hashTokens, inverseOf, sortTokens } from "./lsh-hash.ts";
import { threefry2x32 } from "./threefry.ts";

const paper = {
  before: 1,
  after: 0,
  sameBucket: true,
  duplicates: true,
  circular: false,
  selfMask: -1e5,
  scale: 1,
  keepProbability: null,
};

describe("threefry2x32", () => {
  it("has the known answers of Random123", () => {
    expect(threefry2x32([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry2x32([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([
      0x1cb996fc, 0xbb002be7,
    ]);
    expect(threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([
      0xc4923a9c, 0x483df7a0,
    ]);
  });
});

describe("lsh attention", () => {
  it("by rounds equals one softmax over the union of buckets", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer({ min: 1, max: 1_000_000 }),
          chunks: fc.integer({ min: 1, max: 5 }),
          chunkLength: fc.integer({ min: 1, max: 4 }),
          rounds: fc.integer({ min: 1, max: 4 }),
          numBuckets: fc.integer({ min: 1, max: 5 }),
          causal: fc.boolean(),
          masked: fc.boolean(),
        }),
        ({ seed, chunks, chunkLength, rounds, numBuckets, causal, masked }) => {
          const length = chunks * chunkLength;
          const [q, k, v] = [1, 2, 3].map((i) => rowsOf(normals(seed + i, 3 * length), 3));
          const buckets = rowsOf(integers(seed, rounds * length, numBuckets), length);
          const valid = Array.from(integers(seed + 4, length, 2));
          const info = {
            order: buckets.map(sortTokens),
            buckets,
            valid,
            dropoutKey: [0, 0] as const,
          };
          const options = { ...paper, chunkLength, causal, masked };
          const combined = combineRounds(attend(q, k, v, pairsOf(info, options), options));
          const union = attendUnion(q, k, v, info, options);
          expectClose(
            combined.flat(),
            union.flat(),
            { absolute: 1e-9, relative: 1e-9 },
            "combined",
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it("sees nothing uncovered where one bucket and the window hold everything", () => {
    const info = {
      order: [[0, 1, 2, 3]],
      buckets: [[0, 0, 0, 0]],
      valid: [1, 1, 1, 1],
      dropoutKey: [0, 0] as const,
    };
    const whole = { ...paper, chunkLength: 4, causal: true, masked: false };
    expect(uncoveredPairs(pairsOf(info, whole), true)).toBe(0);
    expect(uncoveredPairs(pairsOf(info, whole), false)).toBe(6);
    expect(uncoveredPairs(pairsOf(info, { ...whole, chunkLength: 1 }), true)).toBe(3);
  });

  it("drops the share of weights that it should", () => {
    const length = 64;
    const order = [Array.from({ length }, (_, i) => i)];
    const info = { order, buckets: order, valid: order[0], dropoutKey: [7, 9] as const };
    const options = {
      ...paper,
      chunkLength: length,
      causal: false,
      masked: false,
      sameBucket: false,
    };
    const pairs = pairsOf(info, { ...options, keepProbability: 0.75 }).flat(2);
    const kept = pairs.filter(({ multiplier }) => multiplier > 0);
    expect(kept.every(({ multiplier }) => multiplier === 1 / 0.75)).toBe(true);
    expect(Math.abs(kept.length / pairs.length - 0.75)).toBeLessThan(0.02);
  });
});

describe("gradients", () => {
  const settings = fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    length: fc.integer({ min: 1, max: 9 }),
    kind: fc.constantFrom("lsh", "local", "full"),
    preset: fc.constantFrom("paper", "trax", "lucidrains"),
    rounds: fc.integer({ min: 1, max: 3 }),
    causal: fc.boolean(),
    keepProbability: fc.constantFrom(null, 0.7),
  });

  it("of a head, all of its steps included, are those of central differences", () => {
    fc.assert(
      fc.property(settings, ({ seed, length, rounds, ...drawn }) => {
        const options: HeadOptions = {
          ...drawn,
          chunkLength: 3,
          before: 1,
          after: 1,
          buckets: [4],
          conventions: conventions[drawn.preset],
        };
        const buckets = rowsOf(integers(seed, rounds * length, 4), length);
        const valid = Array.from(integers(seed + 4, length, 4), (x) => Math.min(x, 1));
        const info = { valid, buckets, numBuckets: 4, dropoutKey: [seed, 1] as const };
        const head = prepareHead(options, info, length, 3);
        const inputs = [1, 2, 3].map((i) => Float64Array.from(normals(seed + i, 3 * length)));
        const cotangent = rowsOf(normals(seed + 5, 3 * length), 3);
        const rows = (): [number[][], number[][], number[][]] => [
          rowsOf(inputs[0], 3),
          rowsOf(inputs[1], 3),
          rowsOf(inputs[2], 3),
        ];
        const loss = (): number => {
          const out = runHead(head, options, ...rows()).flat();
          return out.reduce((sum, x, i) => sum + x * cotangent.flat()[i], 0);
        };
        const { q, k, v } = headGradients(head, options, rows(), cotangent);
        [q, k, v].forEach((gradient, i) => {
          const expected = centralGradient(loss, inputs[i]);
          const tolerance = { absolute: 1e-5, relative: 1e-5 };
          expectClose(gradient.flat(), expected, tolerance, "qkv"[i]);
        });
      }),
      { numRuns: 15 },
    );
  });
});

describe("hash", () => {
  it("takes the largest product, the lowest index on ties", () => {
    const rotations = [[[1, 0]], [[0, 1]]];
    const x = [
      [2, 1],
      [1, 2],
      [-2, 1],
      [1, -2],
      [1, 1],
      [-1, -1],
      [0, 0],
    ];
    const { buckets, margins } = hashTokens(x, rotations, [4]);
    expect(buckets).toEqual([[0, 1, 2, 3, 0, 2, 0]]);
    expect(margins[0][0]).toBeCloseTo(0.5);
    expect(margins[0].slice(4)).toEqual([0, 0, 0]);
  });

  it("makes the first factor the least significant", () => {
    const rotations = [[[1, 0]], [[0, 1]]];
    expect(hashTokens([[1, -1]], rotations, [2, 2]).buckets).toEqual([[2]]);
    expect(hashTokens([[-1, 1]], rotations, [2, 2]).buckets).toEqual([[1]]);
  });

  it("sorts stably, and inverts", () => {
    const order = sortTokens([1, 0, 1, 0]);
    expect(order).toEqual([1, 3, 0, 2]);
    expect(inverseOf(order)).toEqual([2, 0, 3, 1]);
  });
});

describe("centralGradient", () => {
  it("differentiates", () => {
    const x = Float64Array.of(1, 2);
    const gradient = centralGradient(() => x[0] * x[0] * x[1], x);
    expectClose(gradient, [4, 1], { absolute: 1e-8, relative: 0 }, "gradient");
    expect([...x]).toEqual([1, 2]);
  });
});
