import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Words } from "../../../src/core/dtype.ts";
import { floatBits } from "../../../src/ir/lowering.ts";
import { attentionWorkspaceWords } from "../../../src/ir/kernels/chunked-attention.ts";
import type { ChunkedAttentionOptions } from "../../../src/reformer/chunked-attention.ts";
import { attend, pairsOf, type GroupInfo } from "../../oracles/lsh-attention.ts";
import { inverseOf, sortTokens } from "../../oracles/lsh-hash.ts";
import { expectClose, groupOf, rowsOf } from "../../support/arrays.ts";
import { runInParts, workspace } from "../../support/kernels.ts";
import { integers, normals, shuffled } from "../../support/random-data.ts";

interface Case {
  readonly seed: number;
  readonly groups: number;
  readonly chunks: number;
  readonly rounds: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly numBuckets: number;
  readonly sorted: boolean;
  readonly options: ChunkedAttentionOptions;
}

const plain: Case = {
  seed: 1,
  groups: 1,
  chunks: 3,
  rounds: 2,
  width: 8,
  valueWidth: 8,
  numBuckets: 4,
  sorted: true,
  options: {
    chunkLength: 16,
    before: 1,
    after: 0,
    causal: true,
    sameBucket: false,
    selfMask: -1e5,
    duplicates: false,
    circular: false,
    masked: false,
    scale: 0.25,
    keepProbability: null,
  },
};

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  groups: fc.integer({ min: 1, max: 3 }),
  chunks: fc.integer({ min: 1, max: 4 }),
  rounds: fc.integer({ min: 1, max: 4 }),
  width: fc.integer({ min: 1, max: 17 }),
  valueWidth: fc.integer({ min: 1, max: 17 }),
  numBuckets: fc.integer({ min: 1, max: 5 }),
  sorted: fc.boolean(),
  options: fc
    .record({
      chunkLength: fc.integer({ min: 1, max: 13 }),
      before: fc.integer({ min: 0, max: 2 }),
      after: fc.integer({ min: 0, max: 2 }),
      causal: fc.boolean(),
      sameBucket: fc.boolean(),
      selfMask: fc.constantFrom(null, -1e5, -5e4, 0.5),
      duplicates: fc.boolean(),
      circular: fc.boolean(),
      masked: fc.boolean(),
      scale: fc.constantFrom(1, 0.5, 0.3535533905932738),
      keepProbability: fc.constantFrom(null, null, 0.5, 0.9),
    })
    .map((options) => ({ ...options, duplicates: options.duplicates && !options.circular })),
});

interface Problem {
  readonly groupInfos: readonly GroupInfo[];
  /** q, k, v, order, inverse, buckets, valid, dropoutKey. */
  readonly operands: readonly Words[];
  readonly sizes: Parameters<typeof attentionWorkspaceWords>[1];
  readonly immediates: readonly number[];
}

function problemOf(drawn: Case): Problem {
  const { seed, groups, chunks, rounds, width, valueWidth, numBuckets, sorted, options } = drawn;
  const length = chunks * options.chunkLength;
  const groupInfos = Array.from({ length: groups }, (_, n): GroupInfo => {
    const buckets = rowsOf(integers(seed + 10 * n, rounds * length, numBuckets), length);
    return {
      order: buckets.map((row, r) =>
        sorted ? sortTokens(row) : shuffled(seed + 100 * n + r, length),
      ),
      buckets,
      valid: Array.from(integers(seed + 20 + n, length, 3), (x) => Math.min(x, 1)),
      dropoutKey: [...integers(seed + 30 + n, 2, 2 ** 31)] as [number, number],
    };
  });
  const inverses = groupInfos.flatMap(({ order }) => order.flatMap((row) => inverseOf([...row])));
  const sizes = { groups, length, rounds, width, valueWidth };
  return {
    groupInfos,
    operands: [
      ...[width, width, valueWidth].map((w, i) =>
        Float32Array.from(normals(seed + 1 + i, groups * length * w)),
      ),
      Int32Array.from(groupInfos.flatMap(({ order }) => order.flat())),
      Int32Array.from(inverses),
      Int32Array.from(groupInfos.flatMap(({ buckets }) => buckets.flat())),
      Int32Array.from(groupInfos.flatMap(({ valid }) => valid)),
      Uint32Array.from(groupInfos.flatMap(({ dropoutKey }) => dropoutKey)),
    ],
    sizes,
    immediates: immediatesOf(options, sizes),
  };
}

function immediatesOf(options: ChunkedAttentionOptions, sizes: Problem["sizes"]): number[] {
  const { groups, length, rounds, width, valueWidth } = sizes;
  const { chunkLength, before, after, scale, selfMask, keepProbability } = options;
  const flags = [
    options.causal,
    options.sameBucket,
    selfMask !== null,
    options.duplicates,
    options.circular,
    options.masked,
    keepProbability !== null,
  ].reduce((sum, flag, bit) => sum + (flag ? 1 << bit : 0), 0);
  const keep = Math.floor((keepProbability ?? 0) * 2 ** 32) | 0;
  return [groups, length, rounds, width, valueWidth, chunkLength, before, after, flags].concat([
    floatBits(scale),
    floatBits(selfMask ?? 0),
    keep,
  ]);
}

function attendByKernel(
  { operands, sizes, immediates }: Problem,
  options: ChunkedAttentionOptions,
) {
  const rows = sizes.groups * sizes.rounds * sizes.length;
  const [out, lse] = [new Float32Array(rows * sizes.valueWidth), new Float32Array(rows)];
  const space = workspace(attentionWorkspaceWords(options, sizes));
  const results = runInParts(
    "chunkedAttention",
    [...operands, out, lse, space],
    immediates,
    [8, 9],
  );
  return { out: results[8], lse: results[9] };
}

function expectAttention(drawn: Case): void {
  const problem = problemOf(drawn);
  const { groups, width, valueWidth } = problem.sizes;
  const { out, lse } = attendByKernel(problem, drawn.options);
  problem.groupInfos.forEach((info, n) => {
    const vectors = problem.operands.slice(0, 3).map((words) => groupOf(words, groups, n));
    const [q, k, v] = vectors.map((words, i) => rowsOf(words, i === 2 ? valueWidth : width));
    const expected = attend(q, k, v, pairsOf(info, drawn.options), drawn.options);
    const tolerance = { absolute: 1e-5, relative: 1e-6 };
    expectClose(groupOf(out, groups, n), expected.out.flat(2), tolerance, "out");
    expectClose(groupOf(lse, groups, n), expected.lse.flat(), tolerance, "lse");
  });
}

describe("chunkedAttention", () => {
  test("agrees with loops in float64 for every option, in any number of parts", () => {
    fc.assert(fc.property(cases, expectAttention), { numRuns: 150 });
  });

  test.each<[string, Partial<Case>, Partial<ChunkedAttentionOptions>]>([
    ["chunks of 64", { width: 64, valueWidth: 64, chunks: 4 }, { chunkLength: 64 }],
    [
      "chunks of 64, same bucket",
      { width: 64, valueWidth: 64 },
      { chunkLength: 64, sameBucket: true },
    ],
    ["chunks of 128", { width: 32, valueWidth: 32 }, { chunkLength: 128 }],
    ["blocks of queries and keys", { rounds: 1, chunks: 1 }, { chunkLength: 300, before: 0 }],
    [
      "full attention",
      { rounds: 1, chunks: 1, sorted: false },
      { chunkLength: 270, before: 0, selfMask: null },
    ],
    [
      "a window of several blocks",
      { chunks: 5 },
      { chunkLength: 70, before: 2, after: 2, causal: false },
    ],
    ["wide keys", { width: 300, valueWidth: 3 }, { scale: 0.05 }],
    [
      "a ring smaller than the window",
      { chunks: 1, rounds: 1 },
      { circular: true, before: 2, after: 1 },
    ],
  ])("%s", (_, sizes, options) => {
    expectAttention({ ...plain, ...sizes, options: { ...plain.options, ...options } });
  });

  test("keys that no query may see do not matter, whatever they are", () => {
    const drawn = { ...plain, options: { ...plain.options, masked: true } };
    const problem = problemOf(drawn);
    const { out } = attendByKernel(problem, drawn.options);
    const [q, k, v, ...rest] = problem.operands.map((words) => words.slice());
    const valid = rest[3];
    valid.forEach((isValid, token) => {
      if (isValid !== 0) return;
      k.fill(1e6, token * plain.width, (token + 1) * plain.width);
      v.fill(1e6, token * plain.valueWidth, (token + 1) * plain.valueWidth);
    });
    const changed = attendByKernel({ ...problem, operands: [q, k, v, ...rest] }, drawn.options);
    // An invalid token still attends to itself when there is nothing else.
    const fellBack = (row: number): boolean => changed.out[row * plain.valueWidth] === 1e6;
    for (let row = 0; row < out.length / plain.valueWidth; row++) {
      if (fellBack(row)) continue;
      for (let c = 0; c < plain.valueWidth; c++) {
        expect(changed.out[row * plain.valueWidth + c]).toBe(out[row * plain.valueWidth + c]);
      }
    }
  });
});
