/* One token behind others: lists of buckets against sorting, and the row of attention against that of the whole sequence, bit for bit. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/index.ts";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import type { AttendTokenParams } from "../../src/ir/decoding.ts";
import * as ops from "../../src/ir/ops.ts";
import { primitiveNamed } from "../../src/ir/registry.ts";
import { normals, uniformSource } from "../support/random-data.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

const params = fc
  .record({
    chunkLength: fc.integer({ min: 1, max: 6 }),
    before: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 1 }),
    sameBucket: fc.boolean(),
    selfMask: fc.constantFrom(null, -1e5),
    duplicates: fc.boolean(),
    circular: fc.boolean(),
    scale: fc.constantFrom(1, 0.25),
    unitKeys: fc.constantFrom(null, 1e-6),
    whole: fc.constantFrom(0, 1, 5, 1000),
  })
  .map((p): AttendTokenParams => ({ ...p, duplicates: p.duplicates && !p.circular }));

const problem = fc.record({
  params,
  tokens: fc.integer({ min: 1, max: 40 }),
  spare: fc.integer({ min: 0, max: 3 }),
  rounds: fc.integer({ min: 0, max: 3 }),
  buckets: fc.integer({ min: 1, max: 7 }),
  groups: fc.integer({ min: 1, max: 2 }),
  width: fc.constantFrom(1, 3, 8, 13),
  valueWidth: fc.constantFrom(1, 4, 9),
  seed: fc.nat(),
});

type Problem = typeof problem extends fc.Arbitrary<infer T> ? T : never;

const f32 = (words: Float32Array, shape: readonly number[]): Tensor =>
  tensorFrom("f32", shape, words);
const i32 = (words: readonly number[], shape: readonly number[]): Tensor =>
  tensorFrom("i32", shape, Int32Array.from(words));

/** Vectors and buckets of all tokens, by group. */
function sequences({ tokens, spare, rounds, buckets, groups, width, valueWidth, seed }: Problem) {
  const capacity = tokens + spare;
  const uniform = uniformSource(seed);
  const rows = (size: number, offset: number): Float32Array =>
    normals(seed + offset, groups * capacity * size);
  const bucketOf = Array.from({ length: groups * rounds * capacity }, () =>
    Math.floor(uniform() * buckets),
  );
  return {
    capacity,
    q: rows(width, 0),
    k: rows(width, 1),
    v: rows(valueWidth, 2),
    bucketOf,
  };
}

/** The lists of the first `count` tokens, one after another. */
function listsOf(p: Problem, bucketOf: readonly number[], capacity: number, count: number) {
  const { groups, rounds, buckets } = p;
  const perBucket = Array.from({ length: groups * rounds * 3 * buckets }, (_, i) =>
    Math.floor(i / buckets) % 3 === 0 ? 0 : -1,
  );
  let lists: readonly Tensor[] = [
    i32(new Array<number>(groups * rounds * capacity * 4).fill(0), [groups, rounds, capacity, 4]),
    i32(perBucket, [groups, rounds, 3, buckets]),
  ];
  const bucketAt = (token: number): Tensor =>
    i32(
      Array.from({ length: groups * rounds }, (_, unit) => bucketOf[unit * capacity + token]),
      [groups, rounds],
    );
  for (let token = 0; token < count; token++) {
    const position = i32(new Array<number>(groups).fill(token), [groups]);
    lists = ops.bindNamed("insertToken", [...lists, bucketAt(token), position]) as Tensor[];
  }
  return { links: lists[0], ends: lists[1], bucketAt };
}

describe("lists of buckets", () => {
  test("are the order of a stable sort", () => {
    fc.assert(
      fc.property(problem, (p) => {
        fc.pre(p.rounds > 0);
        const { capacity, bucketOf } = sequences(p);
        const { links, ends } = listsOf(p, bucketOf, capacity, p.tokens);
        const [link, end] = [links.words(), ends.words()];
        for (let unit = 0; unit < p.groups * p.rounds; unit++) {
          const mine = bucketOf.slice(unit * capacity, unit * capacity + p.tokens);
          const sorted = mine.map((_, i) => i).sort((a, b) => mine[a] - mine[b] || a - b);
          const walked: number[] = [];
          const backwards: number[] = [];
          for (let b = 0; b < p.buckets; b++) {
            const [start, head, tail] = [0, 1, 2].map(
              (row) => end[(unit * 3 + row) * p.buckets + b],
            );
            expect(start).toBe(mine.filter((bucket) => bucket < b).length);
            for (let t = head, rank = 0; t >= 0; t = link[(unit * capacity + t) * 4 + 3], rank++) {
              expect(link[(unit * capacity + t) * 4]).toBe(b);
              expect(link[(unit * capacity + t) * 4 + 1]).toBe(rank);
              walked.push(t);
            }
            const reversed: number[] = [];
            for (let t = tail; t >= 0; t = link[(unit * capacity + t) * 4 + 2]) reversed.unshift(t);
            backwards.push(...reversed);
          }
          expect(walked).toEqual(sorted);
          expect(backwards).toEqual(sorted);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("of a place without room stay as they are", () => {
    const links = i32(new Array<number>(8).fill(0), [1, 1, 2, 4]);
    const ends = i32([0, 0, -1, -1, -1, -1], [1, 1, 3, 2]);
    for (const [bucket, position] of [
      [0, 2],
      [0, -1],
      [2, 0],
      [-1, 0],
    ]) {
      const after = ops.bindNamed("insertToken", [
        links,
        ends,
        i32([bucket], [1, 1]),
        i32([position], [1]),
      ]);
      expect(after.map((x) => [...(x as Tensor).words()])).toEqual([
        [...links.words()],
        [...ends.words()],
      ]);
    }
  });
});

/** The last token's row of the attention of all `tokens`, padded and sorted anew: f32[N, e]. */
function lastRow(p: Problem, given: ReturnType<typeof sequences>): Tensor {
  const { groups, width, valueWidth, tokens } = p;
  const { capacity, bucketOf } = given;
  const { unitKeys, whole, chunkLength, before, after, ...others } = p.params;
  const isWhole = tokens <= whole;
  const sorted = p.rounds > 0 && !isWhole;
  const chunk = isWhole ? tokens : chunkLength;
  const padded = Math.ceil(tokens / chunk) * chunk;
  const rounds = sorted ? p.rounds : 1;
  const take = (words: Float32Array, size: number): Tensor => {
    const out = new Float32Array(groups * padded * size);
    for (let n = 0; n < groups; n++) {
      const start = n * capacity * size;
      out.set(words.subarray(start, start + tokens * size), n * padded * size);
    }
    return f32(out, [groups, padded, size]);
  };
  const buckets: number[] = [];
  for (let unit = 0; unit < groups * rounds; unit++) {
    for (let i = 0; i < padded; i++) {
      if (!sorted) buckets.push(i);
      else buckets.push(i < tokens ? bucketOf[unit * capacity + i] : p.buckets);
    }
  }
  const shape = [groups, rounds, padded];
  const [order, inverse] = ops.bindNamed("bucketSort", [i32(buckets, shape)], {
    numBuckets: sorted ? p.buckets + 1 : padded,
  });
  const valid = i32(
    Array.from({ length: groups * padded }, (_, i) => Number(i % padded < tokens)),
    [groups, padded],
  );
  const futureOnly = !sorted && after === 0 && before < padded / chunk;
  const [q, k, v] = [take(given.q, width), take(given.k, width), take(given.v, valueWidth)];
  const [out] = ops.bindNamed(
    "jointAttention",
    [
      ...(unitKeys === null ? [q, k] : [q]),
      v,
      order,
      inverse,
      i32(buckets, shape),
      valid,
      tensorFrom("u32", [groups, 2], new Uint32Array(2 * groups)),
    ],
    {
      ...others,
      chunkLength: chunk,
      before: isWhole ? 0 : before,
      after: isWhole ? 0 : after,
      sameBucket: sorted && others.sameBucket,
      duplicates: sorted && others.duplicates,
      circular: !isWhole && others.circular && !futureOnly,
      causal: true,
      masked: true,
      keepProbability: null,
      unitKeys,
    },
  );
  const row = ops.slice(out, [0, tokens - 1, 0], [groups, tokens, valueWidth]);
  return ops.reshape(row, [groups, valueWidth]) as Tensor;
}

/** The operands of attendToken for the last of `tokens`. */
function operandsOf(p: Problem, given: ReturnType<typeof sequences>): readonly Tensor[] {
  const { groups, width, valueWidth, tokens } = p;
  const { capacity } = given;
  const own = (words: Float32Array, size: number): Tensor => {
    const out = new Float32Array(groups * size);
    for (let n = 0; n < groups; n++) {
      const start = (n * capacity + tokens - 1) * size;
      out.set(words.subarray(start, start + size), n * size);
    }
    return f32(out, [groups, size]);
  };
  /** What stands behind the tokens before must not matter. */
  const before = (words: Float32Array, size: number): Tensor => {
    const out = new Float32Array(groups * capacity * size).fill(7e7);
    for (let n = 0; n < groups; n++) {
      const start = n * capacity * size;
      out.set(words.subarray(start, start + (tokens - 1) * size), start);
    }
    return f32(out, [groups, capacity, size]);
  };
  const { unitKeys } = p.params;
  const keys = unitKeys === null ? given.k : given.q;
  const vectors = [
    own(given.q, width),
    ...(unitKeys === null ? [own(given.k, width)] : []),
    own(given.v, valueWidth),
    before(keys, width),
    before(given.v, valueWidth),
    i32(new Array<number>(groups).fill(tokens - 1), [groups]),
  ];
  if (p.rounds === 0) return vectors;
  const { links, ends, bucketAt } = listsOf(p, given.bucketOf, capacity, tokens - 1);
  return [...vectors, bucketAt(tokens - 1), links, ends];
}

const withoutLists = (p: Problem): Problem =>
  p.rounds > 0 ? p : { ...p, params: { ...p.params, sameBucket: false, duplicates: false } };

describe("attention of one token", () => {
  test("is the last row of that of the whole sequence, bit for bit", () => {
    fc.assert(
      fc.property(problem.map(withoutLists), (p) => {
        const given = sequences(p);
        const [out] = ops.bindNamed("attendToken", operandsOf(p, given), p.params);
        expect((out as Tensor).words()).toEqual(lastRow(p, given).words());
      }),
      { numRuns: 150 },
    );
  });

  test("and of the definition and the decomposition, up to rounding", () => {
    fc.assert(
      fc.property(problem.map(withoutLists), (p) => {
        const given = sequences(p);
        const operands = operandsOf(p, given);
        const { reference, decompose } = primitiveNamed("attendToken");
        if (reference === "byProgram" || !decompose) throw new TypeError("no reference");
        const expected = lastRow(p, given).words();
        const defined = new Float32Array(expected.length);
        reference(
          operands.map((x) => ({ aval: x.aval, words: x.words() })),
          [{ aval: lastRow(p, given).aval, words: defined }],
          p.params,
        );
        const [decomposed] = decompose(operands, p.params);
        for (const words of [defined, (decomposed as Tensor).words()]) {
          words.forEach((value, i) => {
            expect(Math.abs(value - expected[i])).toBeLessThan(2e-5);
          });
        }
      }),
      { numRuns: 25 },
    );
  });

  test("without room is NaN", () => {
    const p: Problem = {
      params: {
        chunkLength: 2,
        before: 1,
        after: 0,
        sameBucket: false,
        selfMask: null,
        duplicates: false,
        circular: false,
        scale: 1,
        unitKeys: 1e-6,
        whole: 0,
      },
      tokens: 3,
      spare: 0,
      rounds: 0,
      buckets: 1,
      groups: 1,
      width: 3,
      valueWidth: 4,
      seed: 1,
    };
    const operands = operandsOf(p, sequences(p));
    for (const position of [-1, 3]) {
      const moved = [...operands.slice(0, 4), i32([position], [1])];
      const [out] = ops.bindNamed("attendToken", moved, p.params);
      expect([...(out as Tensor).words()]).toEqual([NaN, NaN, NaN, NaN]);
    }
  });
});
