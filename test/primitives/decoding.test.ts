/* One token behind others: lists of buckets against sorting, and the row of attention against that of the whole sequence, bit for bit. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/index.ts";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { alwaysWhole, type AttendTokenParams } from "../../src/ir/decoding.ts";
import * as ops from "../../src/ir/ops.ts";
import { primitiveNamed } from "../../src/ir/registry.ts";
import { normals, uniformSource } from "../support/random-data.ts";
import { memoryLists } from "./memory-lists.ts";

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
    whole: fc.constantFrom(0, 1, 5, 1000, alwaysWhole),
    memory: fc.constantFrom(0, 0, 1, 3),
    seesMemory: fc.boolean(),
    ring: fc.boolean(),
  })
  .map((p): AttendTokenParams => ({ ...p, duplicates: p.duplicates && !p.circular }));

const problem = fc
  .record({
    params,
    tokens: fc.integer({ min: 1, max: 40 }),
    spare: fc.integer({ min: 0, max: 3 }),
    forgotten: fc.integer({ min: 0, max: 20 }),
    rounds: fc.integer({ min: 0, max: 3 }),
    buckets: fc.integer({ min: 1, max: 7 }),
    groups: fc.integer({ min: 1, max: 2 }),
    width: fc.constantFrom(1, 3, 8, 13),
    valueWidth: fc.constantFrom(1, 4, 9),
    seed: fc.nat(),
  })
  .map(({ forgotten, spare, ...p }) => ({
    ...p,
    /** Rows for text. */
    room: p.params.ring ? Math.max(1, p.tokens - forgotten) : p.tokens + spare,
    params: withLists(p.params, p.rounds > 0),
  }));

/** Without lists there are no buckets; with them memory is seen. */
function withLists(p: AttendTokenParams, sorted: boolean): AttendTokenParams {
  if (sorted) return { ...p, seesMemory: p.memory > 0 };
  return { ...p, sameBucket: false, duplicates: false, seesMemory: p.seesMemory && p.memory > 0 };
}

type Problem = typeof problem extends fc.Arbitrary<infer T> ? T : never;

const f32 = (words: Float32Array, shape: readonly number[]): Tensor =>
  tensorFrom("f32", shape, words);
const i32 = (words: readonly number[], shape: readonly number[]): Tensor =>
  tensorFrom("i32", shape, Int32Array.from(words));

const rowsOf = ({ room, params: { memory } }: Problem): number => room + memory;

/** How many buckets the lists are of: with memory those of the text alternate with those of memory. */
const listCount = ({ buckets, params: { memory } }: Problem): number =>
  memory > 0 ? 2 * buckets : buckets;

/** The tokens of the text that are there when so many have been read, the next one left out. */
const keptOf = ({ room, params: { ring } }: Problem, count: number): readonly number[] => {
  const first = ring ? Math.max(0, count + 1 - room) : 0;
  return Array.from({ length: count - first }, (_, i) => first + i);
};

/** Vectors and buckets by group, of the text and of memory behind it. */
function sequences({
  tokens,
  rounds,
  buckets,
  groups,
  width,
  valueWidth,
  seed,
  params: { memory },
}: Problem) {
  const uniform = uniformSource(seed);
  const all = tokens + memory;
  const rows = (size: number, offset: number): Float32Array =>
    normals(seed + offset, groups * all * size);
  const bucketOf = Array.from({ length: groups * rounds * all }, () =>
    Math.floor(uniform() * buckets),
  );
  return { all, q: rows(width, 0), k: rows(width, 1), v: rows(valueWidth, 2), bucketOf };
}

/** The number of the list that token or memory row t of a round is in. */
const listOf = (
  p: Problem,
  { all, bucketOf }: ReturnType<typeof sequences>,
  unit: number,
  t: number,
) => {
  const bucket = bucketOf[unit * all + t];
  return p.params.memory > 0 ? 2 * bucket + Number(t >= p.tokens) : bucket;
};

/** The lists of memory and the first `count` tokens, one after another. */
function listsOf(p: Problem, given: ReturnType<typeof sequences>, count: number) {
  const { groups, rounds, room, tokens } = p;
  const { memory, ring } = p.params;
  const [units, lists, rows] = [groups * rounds, listCount(p), rowsOf(p)];
  const { links, ends } = memoryLists({ units, room, memory, lists }, (unit, m) =>
    listOf(p, given, unit, tokens + m),
  );
  let made: readonly Tensor[] = [
    i32(links, [groups, rounds, rows, 4]),
    i32(ends, [groups, rounds, 3, lists]),
  ];
  const bucketAt = (token: number): Tensor =>
    i32(
      Array.from({ length: units }, (_, unit) => listOf(p, given, unit, token)),
      [groups, rounds],
    );
  for (let token = 0; token < count; token++) {
    const position = i32(new Array<number>(groups).fill(token), [groups]);
    const operands = [...made, bucketAt(token), position];
    made = ops.bindNamed("insertToken", operands, { memory, ring }) as Tensor[];
  }
  return { links: made[0], ends: made[1], bucketAt };
}

describe("lists of buckets", () => {
  test("are the order of a stable sort of what is kept", () => {
    fc.assert(
      fc.property(problem, (p) => {
        fc.pre(p.rounds > 0);
        const given = sequences(p);
        const { links, ends } = listsOf(p, given, p.tokens);
        const [link, end] = [links.words(), ends.words()];
        const [lists, rows] = [listCount(p), rowsOf(p)];
        const kept = [
          ...keptOf(p, p.tokens).map((t) => ({ t, row: t % p.room })),
          ...Array.from({ length: p.params.memory }, (_, m) => ({
            t: p.tokens + m,
            row: p.room + m,
          })),
        ];
        for (let unit = 0; unit < p.groups * p.rounds; unit++) {
          const mine = kept.map(({ t, row }) => ({ row, list: listOf(p, given, unit, t) }));
          const sorted = Array.from({ length: lists }, (_, list) =>
            mine.flatMap((token) => (token.list === list ? [token.row] : [])),
          ).flat();
          const walked: number[] = [];
          const backwards: number[] = [];
          for (let b = 0; b < lists; b++) {
            const [start, head, tail] = [0, 1, 2].map((row) => end[(unit * 3 + row) * lists + b]);
            expect(start).toBe(mine.filter(({ list }) => list < b).length);
            const at = (row: number): number => (unit * rows + row) * 4;
            for (let t = head, rank = 0; t >= 0; t = link[at(t) + 3], rank++) {
              expect(link[at(t)]).toBe(b);
              expect(link[at(t) + 1] - link[at(head) + 1]).toBe(rank);
              walked.push(t);
            }
            const reversed: number[] = [];
            for (let t = tail; t >= 0; t = link[at(t) + 2]) reversed.unshift(t);
            backwards.push(...reversed);
          }
          expect(walked).toEqual(sorted);
          expect(backwards).toEqual(sorted);
        }
      }),
      { numRuns: 80 },
    );
  });

  test("of a place without room stay as they are", () => {
    const links = i32(new Array<number>(12).fill(0), [1, 1, 3, 4]);
    const ends = i32([0, 0, -1, -1, -1, -1], [1, 1, 3, 2]);
    for (const [bucket, position, ring] of [
      [0, 2, false],
      [0, -1, false],
      [0, -1, true],
      [2, 0, true],
      [-1, 0, false],
    ] as const) {
      const after = ops.bindNamed(
        "insertToken",
        [links, ends, i32([bucket], [1, 1]), i32([position], [1])],
        { memory: 1, ring },
      );
      expect(after.map((x) => [...(x as Tensor).words()])).toEqual([
        [...links.words()],
        [...ends.words()],
      ]);
    }
  });
});

/** The last token's row of the attention of all that is kept, padded and sorted anew: f32[N, e]. */
function lastRow(p: Problem, given: ReturnType<typeof sequences>): Tensor {
  const { groups, width, valueWidth, tokens, room } = p;
  const { all, bucketOf } = given;
  const {
    unitKeys,
    whole,
    chunkLength,
    before,
    after,
    memory,
    seesMemory,
    ring: _ring,
    ...others
  } = p.params;
  const hasLists = p.rounds > 0;
  const seen = seesMemory ? memory : 0;
  const kept = Math.min(tokens, room);
  const isWhole = (hasLists ? kept : tokens) + seen <= whole;
  const sorted = hasLists && !isWhole;
  // Windows in the order of the text are where they are in the whole of it.
  const first = sorted || isWhole ? tokens - kept : 0;
  const real = Array.from({ length: tokens - first }, (_, i) => first + i).concat(
    Array.from({ length: sorted || isWhole ? seen : 0 }, (_, m) => tokens + m),
  );
  const own = tokens - 1 - first;
  const chunk = isWhole ? real.length : chunkLength;
  const padded = Math.ceil(real.length / chunk) * chunk;
  const rounds = sorted ? p.rounds : 1;
  const take = (words: Float32Array, size: number): Tensor => {
    const out = new Float32Array(groups * padded * size);
    for (let n = 0; n < groups; n++) {
      real.forEach((t, i) => {
        const from = (n * all + t) * size;
        out.set(words.subarray(from, from + size), (n * padded + i) * size);
      });
    }
    return f32(out, [groups, padded, size]);
  };
  const buckets: number[] = [];
  for (let unit = 0; unit < groups * rounds; unit++) {
    for (let i = 0; i < padded; i++) {
      if (!sorted) buckets.push(i);
      else buckets.push(i < real.length ? bucketOf[unit * all + real[i]] : p.buckets);
    }
  }
  const shape = [groups, rounds, padded];
  const [order, inverse] = ops.bindNamed("bucketSort", [i32(buckets, shape)], {
    numBuckets: sorted ? p.buckets + 1 : padded,
  });
  const isThere = (i: number): boolean => i < real.length && real[i] >= tokens - kept;
  const valid = i32(
    Array.from({ length: groups * padded }, (_, i) => Number(isThere(i % padded))),
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
      // Of the tokens that are there none is behind the last one.
      causal: seen === 0,
      masked: true,
      keepProbability: null,
      unitKeys,
    },
  );
  const row = ops.slice(out, [0, own, 0], [groups, own + 1, valueWidth]);
  return ops.reshape(row, [groups, valueWidth]) as Tensor;
}

/** The operands of attendToken for the last of `tokens`. */
function operandsOf(p: Problem, given: ReturnType<typeof sequences>): readonly Tensor[] {
  const { groups, width, valueWidth, tokens, room } = p;
  const { all } = given;
  const [rows, { memory, unitKeys }] = [rowsOf(p), p.params];
  const own = (words: Float32Array, size: number): Tensor => {
    const out = new Float32Array(groups * size);
    for (let n = 0; n < groups; n++) {
      const start = (n * all + tokens - 1) * size;
      out.set(words.subarray(start, start + size), n * size);
    }
    return f32(out, [groups, size]);
  };
  /** What stands where nothing is kept must not matter. */
  const before = (words: Float32Array, size: number): Tensor => {
    const out = new Float32Array(groups * rows * size).fill(7e7);
    for (let n = 0; n < groups; n++) {
      const put = (t: number, row: number): void => {
        const from = (n * all + t) * size;
        out.set(words.subarray(from, from + size), (n * rows + row) * size);
      };
      for (const t of keptOf(p, tokens - 1)) put(t, t % room);
      for (let m = 0; m < memory; m++) put(tokens + m, room + m);
    }
    return f32(out, [groups, rows, size]);
  };
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
  const { links, ends, bucketAt } = listsOf(p, given, tokens - 1);
  return [...vectors, bucketAt(tokens - 1), links, ends];
}

describe("attention of one token", () => {
  test("is the last row of that of the whole sequence, bit for bit", () => {
    fc.assert(
      fc.property(problem, (p) => {
        const given = sequences(p);
        const [out] = ops.bindNamed("attendToken", operandsOf(p, given), p.params);
        expect((out as Tensor).words()).toEqual(lastRow(p, given).words());
      }),
      { numRuns: 250 },
    );
  });

  test("and of the definition and the decomposition, up to rounding", () => {
    fc.assert(
      fc.property(problem, (p) => {
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
      { numRuns: 60 },
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
        memory: 0,
        seesMemory: false,
        ring: false,
      },
      tokens: 3,
      room: 3,
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
