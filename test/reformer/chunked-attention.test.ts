import * as fc from "fast-check";
import { expect, it } from "vitest";
import { tensorFrom } from "../../src/core/tensor.ts";
import { jvp, tree, vjp, vmap, type Tensor, type Value } from "../../src/index.ts";
import type { Duplicates } from "../../src/ir/attention.ts";
import {
  chunkedAttention,
  type ChunkedAttentionOptions,
} from "../../src/reformer/attention/chunked-attention.ts";
import { attend, attendGradients, pairsOf, type GroupInfo } from "../oracles/lsh-attention.ts";
import { inverseOf, sortTokens } from "../oracles/lsh-hash.ts";
import {
  expectClose,
  expectCloseToLargest,
  expectSameBits,
  f32,
  groupOf,
  i32,
  innerProduct,
  normalTensor,
  rowsOf,
  u32,
} from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { integers, normals, shuffled } from "../support/random-data.ts";

interface Case {
  readonly seed: number;
  readonly groups: number;
  readonly chunks: number;
  readonly rounds: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly numBuckets: number;
  /** Slots in the order of buckets, as LSH attention makes them; else any order. */
  readonly sorted: boolean;
  readonly options: ChunkedAttentionOptions;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    groups: fc.integer({ min: 1, max: 2 }),
    chunks: fc.integer({ min: 1, max: 4 }),
    rounds: fc.integer({ min: 1, max: 4 }),
    width: fc.integer({ min: 1, max: 5 }),
    valueWidth: fc.integer({ min: 1, max: 5 }),
    numBuckets: fc.integer({ min: 1, max: 5 }),
    sorted: fc.boolean(),
    options: fc.record({
      chunkLength: fc.integer({ min: 1, max: 5 }),
      before: fc.integer({ min: 0, max: 2 }),
      after: fc.integer({ min: 0, max: 2 }),
      causal: fc.boolean(),
      sameBucket: fc.boolean(),
      selfMask: fc.constantFrom(null, -1e5, -5e4),
      duplicates: fc.constantFrom<Duplicates>(false, true, true, "sameRound"),
      circular: fc.boolean(),
      mask: fc.constantFrom("none", "keys", "pairs"),
      scale: fc.constantFrom(1, 0.5, 0.3535533905932738),
      keepProbability: fc.constantFrom(null, null, 0.5, 0.9),
    }),
  })
  .map(({ options: { mask, ...options }, ...drawn }) => ({
    ...drawn,
    options: { ...options, masked: mask !== "none", pairs: mask === "pairs" },
  }));

interface Problem {
  readonly vectors: readonly [Tensor, Tensor, Tensor];
  readonly info: Parameters<typeof chunkedAttention>[3];
  readonly groupInfos: readonly GroupInfo[];
}

function problemOf({
  seed,
  groups,
  chunks,
  rounds,
  width,
  valueWidth,
  numBuckets,
  sorted,
  options,
}: Case): Problem {
  const length = chunks * options.chunkLength;
  const groupInfos = Array.from({ length: groups }, (_, n): GroupInfo => {
    const buckets = rowsOf(integers(seed + 10 * n, rounds * length, numBuckets), length);
    const order = buckets.map((row, r) =>
      sorted ? sortTokens(row) : shuffled(seed + 100 * n + r, length),
    );
    const valid = Array.from(integers(seed + 20 + n, length, 3), (x) => Math.min(x, 1));
    const pairs = integers(seed + 40 + n, length * length, 3).map((x) => Math.min(x, 1));
    const [k0, k1] = integers(seed + 30 + n, 2, 2 ** 31);
    return { order, buckets, valid, allowed: rowsOf(pairs, length), dropoutKey: [k0, k1] };
  });
  const indices = [groups, rounds, length];
  return {
    vectors: [
      normalTensor(seed + 1, [groups, length, width]),
      normalTensor(seed + 2, [groups, length, width]),
      normalTensor(seed + 3, [groups, length, valueWidth]),
    ],
    info: {
      order: i32(
        indices,
        groupInfos.flatMap(({ order }) => order.flat()),
      ),
      inverse: i32(
        indices,
        groupInfos.flatMap(({ order }) => order.flatMap((row) => inverseOf([...row]))),
      ),
      buckets: i32(
        indices,
        groupInfos.flatMap(({ buckets }) => buckets.flat()),
      ),
      valid: options.pairs
        ? i32(
            [groups, length, length],
            groupInfos.flatMap(({ allowed }) => (allowed ?? []).flat()),
          )
        : i32(
            [groups, length],
            groupInfos.flatMap(({ valid }) => valid),
          ),
      dropoutKey: u32(
        [groups, 2],
        groupInfos.flatMap(({ dropoutKey }) => [...dropoutKey]),
      ),
    },
    groupInfos,
  };
}

const tolerance = { absolute: 2e-5, relative: 1e-4 };
describeBackends("chunkedAttention", () => {
  it("has the oracle's values and gradients for every option", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { groups, width, valueWidth, options } = drawn;
        const { vectors, info, groupInfos } = problemOf(drawn);
        const widths = [width, width, valueWidth];
        const [[out, lse], pullBack] = vjp(
          (q: Value, k: Value, v: Value) => chunkedAttention(q, k, v, info, options),
          ...vectors,
        );
        const dOut = normals(drawn.seed + 4, out.dataSync().length);
        const dLse = normals(drawn.seed + 5, lse.dataSync().length);
        const gradients = pullBack([f32(out.shape, dOut), f32(lse.shape, dLse)]);

        groupInfos.forEach((group, n) => {
          const pairs = pairsOf(group, options);
          const own = vectors.map((x, i) => rowsOf(groupOf(x.words(), groups, n), widths[i]));
          const [q, k, v] = own;
          const expected = attend(q, k, v, pairs, options);
          expectClose(groupOf(out.dataSync(), groups, n), expected.out.flat(2), tolerance, "out");
          expectClose(groupOf(lse.dataSync(), groups, n), expected.lse.flat(), tolerance, "lse");

          const byRound = (words: Float32Array, width: number): number[][][] =>
            rowsOf(groupOf(words, groups, n), q.length * width).map((row) => rowsOf(row, width));
          const cotangents = {
            out: byRound(dOut, valueWidth),
            lse: byRound(dLse, 1).map((ofRound) => ofRound.flat()),
          };
          const wanted = attendGradients([q, k, v], pairs, options, expected, cotangents);
          [wanted.q, wanted.k, wanted.v].forEach((rows, i) => {
            const gradient = groupOf(gradients[i].dataSync(), groups, n);
            expectCloseToLargest(gradient, rows.flat(), 1e-4, `gradient of ${"qkv"[i]}`);
          });
        });
      }),
      { numRuns: 50 },
    );
  });

  it("has a forward derivative adjoint to the reverse one", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { vectors, info } = problemOf(drawn);
        const attendTo = (q: Value, k: Value, v: Value): readonly [Value, Value] =>
          chunkedAttention(q, k, v, info, drawn.options);
        const tangents = vectors.map((x, i) => normalTensor(drawn.seed + 40 + i, x.shape));
        const [[out, lse], pullBack] = vjp(attendTo, ...vectors);
        const [primal, tangent] = jvp(
          attendTo,
          [...vectors],
          [tangents[0], tangents[1], tangents[2]],
        );
        expectClose(primal[0].dataSync(), out.dataSync(), tolerance, "out");
        const cotangents = [
          normalTensor(drawn.seed + 50, out.shape),
          normalTensor(drawn.seed + 51, lse.shape),
        ] as const;
        const gradients = pullBack([cotangents[0], cotangents[1]]);
        const inner = (xs: readonly Value[], ys: readonly Value[]): number =>
          xs.reduce((sum, x, i) => sum + innerProduct(x.dataSync(), ys[i].dataSync()), 0);
        const scale = 1 + Math.sqrt(inner(gradients, gradients) * inner(tangents, tangents));
        expect(
          Math.abs(inner(gradients, tangents) - inner(cotangents, tangent)) / scale,
        ).toBeLessThan(1e-4);
      }),
      { numRuns: 15 },
    );
  });

  it("is the same function under vmap", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 3 }), (drawn, size) => {
        const problems = Array.from({ length: size }, (_, i) =>
          problemOf({ ...drawn, seed: drawn.seed + 1000 * i }),
        );
        const stack = (tensors: readonly Tensor[]): Tensor => {
          const words = tensors.flatMap((tensor) => [...tensor.words()]);
          const shape = [size, ...tensors[0].shape];
          return { f32, i32, u32 }[tensors[0].dtype as "f32" | "i32" | "u32"](shape, words);
        };
        const argumentsOf = ({ vectors, info }: Problem): readonly Tensor[] => [
          ...vectors,
          ...tree.leaves<Tensor>(info),
        ];
        const { structure } = tree.flatten(problems[0].info);
        const attendTo = (...values: Value[]): readonly [Value, Value] => {
          const [q, k, v, ...info] = values;
          return chunkedAttention(q, k, v, tree.unflatten(structure, info), drawn.options);
        };
        const lists = problems.map(argumentsOf);
        const stacked = lists[0].map((_, i) => stack(lists.map((list) => list[i])));
        const [out, lse] = vmap(attendTo)(...stacked);
        lists.forEach((list, i) => {
          const [ownOut, ownLse] = attendTo(...list);
          expect(groupOf(out.dataSync(), size, i)).toEqual(ownOut.dataSync());
          expect(groupOf(lse.dataSync(), size, i)).toEqual(ownLse.dataSync());
        });
      }),
      { numRuns: 15 },
    );
  });

  it("drops the same weights whatever the chunks", () => {
    fc.assert(
      fc.property(cases, (any) => {
        // A window over everything: chunks only say how the work is cut.
        const drawn: Case = {
          ...any,
          options: {
            ...any.options,
            circular: false,
            duplicates: false,
            before: any.chunks,
            after: any.chunks,
            keepProbability: 0.6,
          },
        };
        const { vectors, info } = problemOf(drawn);
        const length = vectors[0].shape[1];
        const whole = { ...drawn.options, chunkLength: length, before: 0, after: 0 };
        const cotangents = (out: Value, lse: Value): [Value, Value] => [
          normalTensor(drawn.seed + 4, out.shape),
          normalTensor(drawn.seed + 5, lse.shape),
        ];
        const [first, second] = [drawn.options, whole].map((options) => {
          const [[out, lse], pullBack] = vjp(
            (q: Value, k: Value, v: Value) => chunkedAttention(q, k, v, info, options),
            ...vectors,
          );
          return [out, ...pullBack(cotangents(out, lse))];
        });
        first.forEach((x, i) =>
          expectCloseToLargest(
            x.dataSync(),
            second[i].dataSync(),
            1e-5,
            ["out", "dq", "dk", "dv"][i],
          ),
        );
      }),
      { numRuns: 15 },
    );
  });

  it("computes each group as if it were alone, bit for bit", () => {
    fc.assert(
      fc.property(cases, (any) => {
        const drawn: Case = { ...any, groups: 3 };
        const { vectors, info } = problemOf(drawn);
        const gradientsOf = (list: readonly Tensor[], own: typeof info): readonly Value[] => {
          const [q, k, v] = list;
          const [[out, lse], pullBack] = vjp(
            (...xs: [Value, Value, Value]) => chunkedAttention(...xs, own, drawn.options),
            q,
            k,
            v,
          );
          const ones = (x: Value): Value =>
            f32(x.shape, new Float32Array(x.dataSync().length).fill(1));
          return [out, lse, ...pullBack([ones(out), ones(lse)])];
        };
        const together = gradientsOf(vectors, info);
        for (let n = 0; n < 3; n++) {
          const part = (x: Value): Tensor =>
            tensorFrom(x.dtype, [1, ...x.shape.slice(1)], groupOf(x.dataSync(), 3, n).slice());
          const alone = gradientsOf(vectors.map(part), tree.map(part, info));
          alone.forEach((x, i) => expectSameBits(x, part(together[i]), `group ${n}, result ${i}`));
        }
      }),
      { numRuns: 15 },
    );
  });
});
