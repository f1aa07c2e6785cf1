/** Attention problems for single kernels: random slot orders, buckets, masks and vectors. */
import fc from "fast-check";
import type { Words } from "../../src/core/dtype.ts";
import {
  attentionBackwardWorkspaceWords,
  attentionWorkspaceWords,
  backwardCalls,
} from "../../src/backends/wasm/calls/attention-workspace.ts";
import { floatBits } from "../../src/core/dtype.ts";
import type { Duplicates } from "../../src/ir/attention.ts";
import type { ChunkedAttentionOptions } from "../../src/reformer/attention/chunked-attention.ts";
import type { GroupInfo } from "../oracles/lsh-attention.ts";
import { inverseOf, sortTokens } from "../oracles/lsh-hash.ts";
import { rowsOf } from "./arrays.ts";
import { runInParts, workspace } from "./kernels.ts";
import { integers, normals, shuffled } from "./random-data.ts";

export interface AttentionCase {
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

/** Two rounds of three chunks of 16, causal and with a self mask. */
export const plainCase: AttentionCase = {
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

export const attentionCases: fc.Arbitrary<AttentionCase> = fc.record({
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
      duplicates: fc.constantFrom<Duplicates>(false, true, true, "sameRound"),
      circular: fc.boolean(),
      mask: fc.constantFrom("none", "keys", "pairs"),
      scale: fc.constantFrom(1, 0.5, 0.3535533905932738),
      keepProbability: fc.constantFrom(null, null, 0.5, 0.9),
    })
    .map(({ mask, ...options }) => ({
      ...options,
      masked: mask !== "none",
      pairs: mask === "pairs",
    })),
});

export interface AttentionProblem {
  readonly groupInfos: readonly GroupInfo[];
  /** q, k, v, order, inverse, buckets, valid, dropoutKey. */
  readonly operands: readonly Words[];
  readonly sizes: Parameters<typeof attentionWorkspaceWords>[1];
  readonly immediates: readonly number[];
}

export function attentionProblem(drawn: AttentionCase): AttentionProblem {
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
      allowed: rowsOf(
        integers(seed + 40 + n, length * length, 3).map((x) => Math.min(x, 1)),
        length,
      ),
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
      Int32Array.from(
        groupInfos.flatMap(({ valid, allowed }) =>
          options.pairs ? (allowed ?? []).flat() : valid,
        ),
      ),
      Uint32Array.from(groupInfos.flatMap(({ dropoutKey }) => dropoutKey)),
    ],
    sizes,
    immediates: immediatesOf(options, sizes),
  };
}

function immediatesOf(
  options: ChunkedAttentionOptions,
  sizes: AttentionProblem["sizes"],
): number[] {
  const { groups, length, rounds, width, valueWidth } = sizes;
  const { chunkLength, before, after, scale, selfMask, keepProbability } = options;
  const flags = [
    options.causal,
    options.sameBucket,
    selfMask !== null,
    options.duplicates !== false,
    options.circular,
    options.masked && !options.pairs,
    keepProbability !== null,
    false,
    options.duplicates === "sameRound",
    options.pairs ?? false,
  ].reduce((sum, flag, bit) => sum + (flag ? 1 << bit : 0), 0);
  const keep = Math.floor((keepProbability ?? 0) * 2 ** 32) | 0;
  return [groups, length, rounds, width, valueWidth, chunkLength, before, after, flags].concat([
    floatBits(scale),
    floatBits(selfMask ?? 0),
    keep,
  ]);
}

/** out and lse, the same in any number of parts. */
export function attendByKernel(
  { operands, sizes, immediates }: AttentionProblem,
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

/** dq, dk, dv of chunkedAttention, the same in any number of parts. */
export function differentiateByKernel(
  { operands, sizes, immediates }: AttentionProblem,
  options: ChunkedAttentionOptions,
  results: readonly Words[],
  cotangents: readonly Words[],
): readonly Words[] {
  const { groups, length, width, valueWidth } = sizes;
  const gradients = [width, width, valueWidth].map((w) => new Float32Array(groups * length * w));
  const space = workspace(attentionBackwardWorkspaceWords(options, sizes));
  let buffers: readonly Words[] = [...operands, ...results, ...cotangents, ...gradients, space];
  for (const { round, colour } of backwardCalls(options, sizes)) {
    const words = [...immediates, 0, round, colour];
    buffers = runInParts("chunkedAttentionBackward", buffers, words, [12, 13, 14]);
  }
  return buffers.slice(12, 15);
}
