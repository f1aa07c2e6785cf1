import * as fc from "fast-check";
import { expect, it } from "vitest";
import { vjp, type Tensor, type Value } from "../../src/index.ts";
import { attendHead } from "../../src/reformer/attention/attention-head.ts";
import type { AttentionKind, HeadOptions } from "../../src/reformer/attention/head-options.ts";
import { bucketCount, bucketSizes } from "../../src/reformer/attention/buckets.ts";
import { conventions, type ConventionName } from "../../src/reformer/attention/conventions.ts";
import {
  headGradients,
  prepareHead,
  runHead,
  runHeadByUnion,
  type PreparedHead,
} from "../oracles/attention-head.ts";
import { pairsOf, uncoveredPairs } from "../oracles/lsh-attention.ts";
import { hashTokens, type Matrix } from "../oracles/lsh-hash.ts";
import {
  expectClose,
  expectCloseToLargest,
  expectSameBits,
  f32,
  groupOf,
  i32,
  normalTensor,
  rowsOf,
  u32,
} from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { integers, normals } from "../support/random-data.ts";

interface Case {
  readonly seed: number;
  readonly kind: AttentionKind;
  readonly preset: ConventionName;
  readonly groups: number;
  readonly length: number;
  readonly chunkLength: number;
  readonly before: number;
  readonly after: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly rounds: number;
  readonly sizes: readonly number[] | "auto";
  readonly causal: boolean;
  readonly keepProbability: number | null;
  /** Rotations of their own for each group. */
  readonly ownRotations: boolean;
  readonly padding: "none" | "some" | "first" | "last" | "all but one";
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  kind: fc.constantFrom("lsh", "lsh", "local", "full"),
  preset: fc.constantFrom("paper", "paper", "trax", "huggingface", "lucidrains"),
  groups: fc.integer({ min: 1, max: 2 }),
  length: fc.integer({ min: 1, max: 22 }),
  chunkLength: fc.integer({ min: 2, max: 6 }),
  before: fc.integer({ min: 0, max: 2 }),
  after: fc.integer({ min: 0, max: 1 }),
  width: fc.integer({ min: 1, max: 5 }),
  valueWidth: fc.integer({ min: 1, max: 4 }),
  rounds: fc.integer({ min: 1, max: 4 }),
  sizes: fc.constantFrom([2], [4], [6], [2, 4], [2, 2, 2], "auto" as const),
  causal: fc.boolean(),
  keepProbability: fc.constantFrom(null, null, 0.7),
  ownRotations: fc.boolean(),
  padding: fc.constantFrom("none", "none", "some", "first", "last", "all but one"),
});

const headOptions = (drawn: Case): HeadOptions => ({
  kind: drawn.kind,
  causal: drawn.causal,
  chunkLength: drawn.chunkLength,
  before: drawn.before,
  after: drawn.after,
  buckets: drawn.sizes,
  keepProbability: drawn.keepProbability,
  conventions: conventions[drawn.preset],
});

/** 1 for real tokens, for all groups; null without padding. */
function validOf({ seed, groups, length, padding }: Case): Int32Array | null {
  const one = (i: number): number => {
    switch (padding) {
      case "first":
        return Number(i >= Math.min(2, length - 1));
      case "last":
        return Number(i < Math.ceil(length / 2));
      case "all but one":
        return Number(i === seed % length);
      default:
        return 1;
    }
  };
  if (padding === "none") return null;
  if (padding === "some") return integers(seed + 9, groups * length, 2);
  return Int32Array.from({ length: groups * length }, (_, i) => one(i % length));
}

interface Problem {
  readonly vectors: readonly [q: Tensor, k: Tensor, v: Tensor];
  readonly context: {
    readonly valid: Tensor | null;
    readonly rotations: Tensor;
    readonly dropoutKey: Tensor;
  };
  readonly sizes: readonly number[];
  readonly dropoutWords: readonly [number, number];
}

function problemOf(drawn: Case): Problem {
  const { seed, groups, length, width, valueWidth, rounds, ownRotations } = drawn;
  const sizes = bucketSizes(headOptions(drawn), length);
  const half = sizes.reduce((sum, size) => sum + size, 0) / 2;
  const valid = validOf(drawn);
  const [k0, k1] = integers(seed + 7, 2, 2 ** 31);
  return {
    vectors: [
      normalTensor(seed + 1, [groups, length, width]),
      normalTensor(seed + 2, [groups, length, width]),
      normalTensor(seed + 3, [groups, length, valueWidth]),
    ],
    context: {
      valid: valid && i32([groups, length], valid),
      rotations: normalTensor(seed + 4, [ownRotations ? groups : 1, width, rounds, half]),
      dropoutKey: u32([2], [k0, k1]),
    },
    sizes,
    dropoutWords: [k0, k1],
  };
}

const attendWith = (
  drawn: Case,
  { vectors: [q, k, v], context }: Problem,
): { out: Value; buckets: Value | null } =>
  attendHead({ q, k, v }, headOptions(drawn), contextOf(drawn, context), null);

const contextOf = (drawn: Case, context: Problem["context"]) => ({
  ...context,
  dropoutKey: drawn.keepProbability === null ? null : context.dropoutKey,
});

/** The oracle's view of group n; undefined where a hash is too close to call. */
function preparedGroup(drawn: Case, problem: Problem, n: number): PreparedHead | undefined {
  const { groups, length, width } = drawn;
  const { vectors, context, sizes, dropoutWords } = problem;
  const queries = rowsOf(groupOf(vectors[0].words(), groups, n), width);
  const group = drawn.ownRotations
    ? groupOf(context.rotations.words(), groups, n)
    : context.rotations.words();
  const [, , rounds, half] = context.rotations.shape;
  const rotations = rowsOf(group, rounds * half).map((row) => rowsOf(row, half));
  const { buckets, margins } = hashTokens(queries, rotations, sizes);
  if (margins.flat().some((margin) => margin < 1e-5)) return undefined;
  const valid = context.valid && Array.from(groupOf(context.valid.words(), groups, n));
  const info = {
    valid,
    buckets,
    numBuckets: bucketCount(sizes),
    dropoutKey: [dropoutWords[0], (dropoutWords[1] + n) >>> 0] as const,
  };
  return prepareHead(headOptions(drawn), info, length, width);
}

const flat = (rows: Matrix): number[] => rows.flat();

const tolerance = { absolute: 2e-5, relative: 1e-4 };

describeBackends("attendHead", () => {
  it("has the oracle's buckets, values and gradients for every option", () => {
    let total = 0;
    let discarded = 0;
    fc.assert(
      fc.property(cases, (drawn) => {
        total++;
        const problem = problemOf(drawn);
        const options = headOptions(drawn);
        const { groups, width, valueWidth, length } = drawn;
        const prepared = Array.from({ length: groups }, (_, n) => preparedGroup(drawn, problem, n));
        if (prepared.includes(undefined)) {
          discarded++;
          return;
        }
        const context = contextOf(drawn, problem.context);
        const attend = (q: Value, k: Value, v: Value): Value =>
          attendHead({ q, k, v }, options, context, null).out;
        const [out, pullBack] = vjp(attend, ...problem.vectors);
        const { buckets } = attendWith(drawn, problem);
        const cotangent = normals(drawn.seed + 5, groups * length * valueWidth);
        const gradients = pullBack(f32(out.shape, cotangent));

        prepared.forEach((head, n) => {
          if (!head) return;
          expect(buckets !== null, "hashes").toBe(
            drawn.kind === "lsh" && length > drawn.chunkLength,
          );
          if (buckets) {
            const hashed = groupOf(buckets.dataSync(), groups, n);
            expect([...hashed]).toEqual(head.info.buckets.flat());
          }
          const [q, k, v] = problem.vectors.map((x, i) =>
            rowsOf(groupOf(x.words(), groups, n), i < 2 ? width : valueWidth),
          );
          const expected = flat(runHead(head, options, q, k, v));
          expectClose(groupOf(out.dataSync(), groups, n), expected, tolerance, "out");
          const weights = rowsOf(groupOf(cotangent, groups, n), valueWidth);
          const wanted = headGradients(head, options, [q, k, v], weights);
          [wanted.q, wanted.k, wanted.v].forEach((rows, i) => {
            const gradient = groupOf(gradients[i].dataSync(), groups, n);
            expectCloseToLargest(gradient, flat(rows), 1e-4, `gradient of ${"qkv"[i]}`);
          });
        });
      }),
      { numRuns: 40 },
    );
    expect(discarded).toBeLessThan(0.1 * total);
  });

  it("in the paper's preset is one softmax over the union of the rounds' buckets", () => {
    fc.assert(
      fc.property(cases, (any) => {
        const drawn: Case = { ...any, kind: "lsh", preset: "paper", keepProbability: null };
        const problem = problemOf(drawn);
        const { out } = attendWith(drawn, problem);
        for (let n = 0; n < drawn.groups; n++) {
          const head = preparedGroup(drawn, problem, n);
          if (!head || drawn.length <= drawn.chunkLength) continue;
          const [q, , v] = problem.vectors.map((x, i) =>
            rowsOf(groupOf(x.words(), drawn.groups, n), i < 2 ? drawn.width : drawn.valueWidth),
          );
          const expected = flat(runHeadByUnion(head, headOptions(drawn), q, v));
          expectClose(groupOf(out.dataSync(), drawn.groups, n), expected, tolerance, "out");
        }
      }),
      { numRuns: 20 },
    );
  });

  it("equals full shared-QK attention where the union of buckets covers all pairs", () => {
    fc.assert(
      fc.property(cases, fc.boolean(), (any, wide) => {
        // Two buckets and many rounds, in windows as wide as the sequence or not quite.
        const drawn: Case = {
          ...any,
          kind: "lsh",
          preset: "paper",
          groups: 1,
          length: any.chunkLength + 1 + (any.length % 8),
          sizes: [2],
          rounds: 10,
          before: wide ? 7 : 2,
          after: wide ? 7 : 2,
          keepProbability: null,
          padding: "none",
        };
        const problem = problemOf(drawn);
        const head = preparedGroup(drawn, problem, 0);
        fc.pre(head !== undefined);
        const pairs = pairsOf(head.info, { ...head.options, masked: false });
        const ofRealTokens = pairs.map((ofRound) =>
          ofRound
            .slice(0, drawn.length)
            .map((seen) => seen.filter(({ key }) => key < drawn.length)),
        );
        // A third of the cases; the others are drawn again.
        fc.pre(uncoveredPairs(ofRealTokens, drawn.causal) === 0);
        const full = attendWith({ ...drawn, kind: "full" }, problem).out;
        expectClose(
          attendWith(drawn, problem).out.dataSync(),
          full.dataSync(),
          tolerance,
          "lsh against full",
        );
      }),
      { numRuns: 20 },
    );
  });

  it("equals full shared-QK attention where no bucket mask and the whole window is seen", () => {
    fc.assert(
      fc.property(cases, (any) => {
        // One round: the ring of chunks is the sequence, and the window covers each chunk once.
        const drawn: Case = {
          ...any,
          kind: "lsh",
          preset: any.preset === "paper" ? "trax" : any.preset,
          rounds: 1,
          before: Math.ceil(any.length / any.chunkLength) - 1,
          after: 0,
          keepProbability: null,
        };
        const problem = problemOf(drawn);
        const full = attendWith({ ...drawn, kind: "full" }, problem).out;
        expectClose(
          attendWith(drawn, problem).out.dataSync(),
          full.dataSync(),
          tolerance,
          "lsh against full",
        );
      }),
      { numRuns: 15 },
    );
  });

  it("never lets the content of padded tokens change a result", () => {
    fc.assert(
      fc.property(cases, (any) => {
        const drawn: Case = { ...any, padding: any.padding === "none" ? "first" : any.padding };
        const problem = problemOf(drawn);
        const { valid } = problem.context;
        if (!valid) throw new Error("every case here has padding");
        const real = valid.words();
        const changed = problem.vectors.map((x, i) => {
          const width = x.shape[2];
          const other = normals(drawn.seed + 60 + i, x.size);
          const mixed = x
            .words()
            .map((word, at) => (real[Math.floor(at / width)] ? word : 9 * other[at]));
          return f32(x.shape, mixed);
        });
        const weights = normals(drawn.seed + 5, problem.vectors[2].size).map((weight, at) =>
          real[Math.floor(at / drawn.valueWidth)] ? weight : 0,
        );
        const context = contextOf(drawn, problem.context);
        const attend = (q: Value, k: Value, v: Value): Value =>
          attendHead({ q, k, v }, headOptions(drawn), context, null).out;
        const results = [problem.vectors, changed].map(([q, k, v]) => {
          const [out, pullBack] = vjp(attend, q, k, v);
          return [out, ...pullBack(f32(out.shape, weights))];
        });
        results[0].forEach((expected, i) => {
          const width = expected.shape[2];
          const atRealTokens = (x: Value): Tensor =>
            f32(
              [expected.dataSync().length],
              x.dataSync().map((word, at) => (real[Math.floor(at / width)] ? word : 0)),
            );
          expectSameBits(
            atRealTokens(results[1][i]),
            atRealTokens(expected),
            ["out", "dq", "dk", "dv"][i],
          );
        });
        // No loss looks at a padded token, so nothing flows into it.
        results[1].slice(1).forEach((gradient) => {
          const width = gradient.shape[2];
          const leaked = gradient
            .dataSync()
            .filter((word, at) => word !== 0 && !real[Math.floor(at / width)]);
          expect([...leaked]).toEqual([]);
        });
      }),
      { numRuns: 20 },
    );
  });

  it("uses given buckets instead of hashing", () => {
    fc.assert(
      fc.property(cases, (any) => {
        const drawn: Case = { ...any, kind: "lsh", length: any.chunkLength + any.length };
        const problem = problemOf(drawn);
        const [q, k, v] = problem.vectors;
        const context = contextOf(drawn, problem.context);
        const first = attendHead({ q, k, v }, headOptions(drawn), context, null);
        const noRotations = { ...context, rotations: null };
        const second = attendHead({ q, k, v }, headOptions(drawn), noRotations, first.buckets);
        expectSameBits(second.out, first.out, "out");
      }),
      { numRuns: 15 },
    );
  });
});
