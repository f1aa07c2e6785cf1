import * as fc from "fast-check";
import { expect, it } from "vitest";
import { vjp, vmap, type Tensor, type Value } from "../../src/index.ts";
import { sinusoids } from "../../src/nn/index.ts";
import { attendHead } from "../../src/reformer/attention/attention-head.ts";
import { attentionWeights } from "../../src/reformer/attention/attention-weights.ts";
import { conventions, type Conventions } from "../../src/reformer/attention/conventions.ts";
import type {
  HeadContext,
  HeadOptions,
  MaskedQueries,
  QueryKey,
} from "../../src/reformer/attention/head-options.ts";
import { attendByTable, type OptionsCase } from "../oracles/attention-options.ts";
import {
  expectClose,
  expectSameBits,
  f32,
  groupOf,
  i32,
  normalTensor,
  rowsOf,
} from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { integers, normals } from "../support/random-data.ts";

interface Case {
  readonly seed: number;
  readonly options: HeadOptions;
  readonly length: number;
  /** Keys behind the tokens that ask. */
  readonly extra: number;
  readonly rounds: number;
  readonly mask: boolean;
  /** Rows and columns of the mask of pairs; null without one. */
  readonly pairs: readonly [number, number] | null;
  /** Tokens that turn by their position. */
  readonly turning: number;
}

const groups = 2;
const width = 4;
const valueWidth = 3;
const numBuckets = 6;

const optional = <T>(...values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.constantFrom(undefined, undefined, ...values);

const choices: fc.Arbitrary<Conventions> = fc.record({
  logitScale: fc.constantFrom("unit", "inverseSqrt"),
  keyEpsilon: fc.constantFrom(1e-6, 1e-24),
  sameBucket: fc.boolean(),
  duplicates: fc.constantFrom<Conventions["duplicates"]>(false, true, true, "sameRound"),
  selfMask: fc.constantFrom(-1e5, -5e4, -1),
  circular: fc.boolean(),
  bucketsPerChunk: fc.constant(conventions.paper.bucketsPerChunk),
  merge: fc.constant(conventions.paper.merge),
  normEpsilon: fc.constant(1e-6),
});

const headOptions = fc.record({
  kind: fc.constantFrom("lsh", "lsh", "lsh", "local", "full"),
  queryKey: optional<QueryKey>("shared", "separate"),
  causal: fc.boolean(),
  chunkLength: fc.integer({ min: 2, max: 5 }),
  before: fc.integer({ min: 0, max: 2 }),
  after: fc.integer({ min: 0, max: 1 }),
  hashMasked: fc.boolean(),
  wholeUpTo: optional(0, 3, 8),
  maskedQueries: optional<MaskedQueries>("others", "self", "mean", "window"),
  centred: fc.boolean(),
  conventions: choices,
  best: fc.boolean(),
});

const cases: fc.Arbitrary<Case> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    options: headOptions,
    length: fc.integer({ min: 1, max: 14 }),
    extra: fc.constantFrom(0, 0, 1, 5),
    rounds: fc.integer({ min: 1, max: 3 }),
    mask: fc.boolean(),
    pairs: fc.constantFrom(null, null, "all", "queries", "some"),
    turning: fc.constantFrom(0, 0, 0.5, 1),
  })
  .map(({ options: { best, ...options }, pairs, turning, ...drawn }): Case => {
    const { length, extra, rounds } = drawn;
    const all = length + extra;
    const sizes: Readonly<Record<string, readonly [number, number]>> = {
      all: [all, all],
      queries: [length, length],
      some: [length, Math.ceil(all / 2)],
    };
    return {
      ...drawn,
      options: {
        ...options,
        queryKey: options.kind === "lsh" ? undefined : options.queryKey,
        buckets: [numBuckets],
        keepProbability: null,
        ...(best && { bestBuckets: rounds }),
      },
      pairs: pairs === null ? null : sizes[pairs],
      turning: Math.round(turning * all),
    };
  });

interface Problem {
  readonly vectors: readonly [q: Tensor, k: Tensor, v: Tensor];
  readonly context: HeadContext;
}

function problemOf({ seed, options, length, extra, rounds, mask, pairs, turning }: Case): Problem {
  const all = length + extra;
  const half = numBuckets / 2;
  const flags = (from: number, count: number): number[] =>
    Array.from(integers(from, count, 3), (x) => Math.min(x, 1));
  const ofRounds = options.bestBuckets === undefined ? rounds : 1;
  const places = Array.from({ length: turning }, (_, i) => i);
  return {
    vectors: [
      normalTensor(seed + 1, [groups, all, width]),
      normalTensor(seed + 2, [groups, all, width]),
      normalTensor(seed + 3, [groups, all, valueWidth]),
    ],
    context: {
      valid: mask ? i32([groups, all], flags(seed + 4, groups * all)) : null,
      pairs: pairs && i32([groups, ...pairs], flags(seed + 5, groups * pairs[0] * pairs[1])),
      queries: length,
      rotary: turning === 0 ? null : sinusoids(places, width, { layout: "halves", base: 10 }),
      rotations: normalTensor(seed + 6, [1, width, ofRounds, half]),
      dropoutKey: null,
    },
  };
}

/** What the oracle makes of group `n`'s vectors. */
function expectedOf(drawn: Case, { context }: Problem, buckets: Value | null, n: number) {
  const words = (value: Value | null | undefined): number[] | null =>
    value ? Array.from(groupOf((value as Tensor).words(), groups, n)) : null;
  const pairs = words(context.pairs);
  const hashed = words(buckets);
  const given: OptionsCase = {
    options: drawn.options,
    queries: drawn.length,
    valid: words(context.valid),
    pairs: pairs && rowsOf(pairs, drawn.pairs?.[1] ?? 1),
    angles: Array.from({ length: drawn.turning }, (_, i) => [i, i * 10 ** -0.5]),
    buckets: hashed && rowsOf(hashed, hashed.length / drawn.rounds),
    numBuckets,
  };
  return (vectors: readonly number[][][]): number[] => {
    const [q, k, v] = vectors;
    return attendByTable({ q, k, v }, given).flat();
  };
}

const rowsOfGroup = ({ vectors }: Problem, n: number): number[][][] =>
  vectors.map((x) => rowsOf(Array.from(groupOf(x.words(), groups, n)), x.shape[2]));

const attend =
  (drawn: Case, { context }: Problem, saved: Value | null = null) =>
  (q: Value, k: Value, v: Value): Value =>
    attendHead({ q, k, v }, drawn.options, context, saved).out;

const bucketsOf = (drawn: Case, { vectors: [q, k, v], context }: Problem): Value | null =>
  attendHead({ q, k, v }, drawn.options, context, null).buckets;

const sumOfProducts = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);

describeBackends("attention with options", (backend) => {
  const numRuns = backend === "wasm" ? 60 : 40;

  it("is the table of all pairs, for every combination", () => {
    let hashed = 0;
    fc.assert(
      fc.property(cases, (drawn) => {
        const problem = problemOf(drawn);
        const buckets = bucketsOf(drawn, problem);
        if (buckets) hashed++;
        const out = attend(drawn, problem)(...problem.vectors) as Tensor;
        expect(out.shape).toEqual([groups, drawn.length, valueWidth]);
        for (let n = 0; n < groups; n++) {
          const expected = expectedOf(drawn, problem, buckets, n)(rowsOfGroup(problem, n));
          const tolerance = { absolute: 5e-5, relative: 1e-4 };
          expectClose(groupOf(out.words(), groups, n), expected, tolerance, "out");
        }
      }),
      { numRuns },
    );
    expect(hashed).toBeGreaterThan(numRuns / 5);
  });

  it("has the derivative that differences of the table show", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const problem = problemOf(drawn);
        const buckets = bucketsOf(drawn, problem);
        const cotangent = normals(drawn.seed + 7, groups * drawn.length * valueWidth);
        const [out, pull] = vjp(attend(drawn, problem, buckets), ...problem.vectors);
        const gradients = pull(f32(out.shape, cotangent)) as readonly (Tensor | null)[];
        for (let n = 0; n < groups; n++) {
          const at = rowsOfGroup(problem, n);
          const ways = at.map((x, i) =>
            x.map((row, j) => Array.from(normals(drawn.seed + 50 * i + j, row.length))),
          );
          const value = (step: number): number => {
            const moved = at.map((x, i) =>
              x.map((row, j) => row.map((y, c) => y + step * ways[i][j][c])),
            );
            return sumOfProducts(
              expectedOf(drawn, problem, buckets, n)(moved),
              groupOf(cotangent, groups, n),
            );
          };
          const step = 1e-4;
          const slope = (value(step) - value(-step)) / (2 * step);
          const ours = gradients.reduce(
            (sum, x, i) =>
              x ? sum + sumOfProducts(groupOf(x.words(), groups, n), ways[i].flat()) : sum,
            0,
          );
          const size = 1 + Math.abs(slope);
          expect(Math.abs(ours - slope), `slope ${slope}, ours ${ours}`).toBeLessThan(2e-3 * size);
        }
      }),
      { numRuns: Math.ceil(numRuns / 2) },
    );
  });

  it("is the same bits under vmap, and with buckets of an earlier call", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const problem = problemOf(drawn);
        const one = attend(drawn, problem);
        const [q, k, v] = problem.vectors;
        const out = one(q, k, v);
        const saved = bucketsOf(drawn, problem);
        expectSameBits(attend(drawn, problem, saved)(q, k, v), out, "saved buckets");
        const twice = (x: Tensor): Tensor => f32([2, ...x.shape], [...x.words(), ...x.words()]);
        const mapped = vmap(one)(twice(q), twice(k), twice(v)) as Tensor;
        const words = (out as Tensor).words();
        expectSameBits(mapped, f32([2, ...out.shape], [...words, ...words]), "vmap");
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    );
  });

  it("gives its weights, whose product with the values is the result", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { vectors, context } = problemOf(drawn);
        const [q, k, v] = vectors;
        const out = attendHead({ q, k, v }, drawn.options, context, null).out as Tensor;
        const weights = attentionWeights({ q, k }, drawn.options, context) as Tensor;
        const all = drawn.length + drawn.extra;
        for (let n = 0; n < groups; n++) {
          const rows = rowsOf(Array.from(groupOf(v.words(), groups, n)), valueWidth);
          const table = rowsOf(Array.from(groupOf(weights.words(), groups, n)), weights.shape[2]);
          const products = table.flatMap((row) =>
            Array.from({ length: valueWidth }, (_, c) =>
              row.reduce((sum, weight, j) => sum + weight * rows[j][c], 0),
            ),
          );
          const tolerance = { absolute: 1e-5, relative: 1e-5 };
          expectClose(groupOf(out.words(), groups, n), products, tolerance, `of ${all}`);
        }
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    );
  });
});
