import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  checkpoint,
  init,
  jit,
  valueAndGrad,
  vjp,
  vmap,
  type Tensor,
  type Value,
} from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import { combine, hash, rotations, sort } from "../../src/reformer/attention/lsh.ts";
import { centralGradient } from "../oracles/derivatives.ts";
import { combineRounds } from "../oracles/lsh-attention.ts";
import { hashTokens } from "../oracles/lsh-hash.ts";
import {
  expectClose,
  expectCloseToLargest,
  expectSameBits,
  f32,
  groupOf,
  i32,
  normalTensor,
  rowsOf,
} from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { normals, uniformSource } from "../support/random-data.ts";

interface Case {
  readonly seed: number;
  readonly groups: number;
  readonly rotationGroups: 1 | 2;
  readonly length: number;
  readonly width: number;
  readonly rounds: number;
  readonly sizes: readonly number[];
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  groups: fc.constantFrom(2, 4),
  rotationGroups: fc.constantFrom(1, 2),
  length: fc.integer({ min: 1, max: 70 }),
  width: fc.constantFrom(1, 3, 8, 17, 64),
  rounds: fc.integer({ min: 1, max: 4 }),
  sizes: fc.constantFrom([2], [6], [8], [64], [4, 2], [2, 6, 4]),
});

const halfOf = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0) / 2;

const problemOf = ({ seed, groups, rotationGroups, length, width, rounds, sizes }: Case) => ({
  x: normalTensor(seed, [groups, length, width]),
  rotation: normalTensor(seed + 1, [rotationGroups, width, rounds, halfOf(sizes)]),
});

/** The oracle's hash of every group: [groups][rounds][length]. */
const oracleOf = (
  { groups, rotationGroups, width, rounds, sizes }: Case,
  x: Tensor,
  rotation: Tensor,
) =>
  Array.from({ length: groups }, (_, n) => {
    const half = halfOf(sizes);
    const own = groupOf(rotation.words(), rotationGroups, n % rotationGroups);
    const table = rowsOf(own, rounds * half).map((row) => rowsOf(row, half));
    return hashTokens(rowsOf(groupOf(x.words(), groups, n), width), table, sizes);
  });

const scaled = (x: Tensor, factor: number): Tensor =>
  f32(
    x.shape,
    x.words().map((word) => word * factor),
  );

/** Rows at unit length. */
function normalized(x: Tensor): Tensor {
  const width = x.shape[x.rank - 1];
  const rows = rowsOf(x.words(), width).map((row) => {
    const norm = Math.sqrt(row.reduce((sum, word) => sum + word * word, 0));
    return row.map((word) => word / norm);
  });
  return f32(x.shape, rows.flat());
}

describeBackends("hash", () => {
  it("agrees with the oracle, and with itself after rescaling, wherever the decision is not a matter of rounding", () => {
    let total = 0;
    let discarded = 0;
    fc.assert(
      fc.property(cases, (drawn) => {
        const { x, rotation } = problemOf(drawn);
        const expected = oracleOf(drawn, x, rotation);
        const buckets = expected.flatMap((group) => group.buckets.flat());
        const isClear = expected
          .flatMap((group) => group.margins.flat())
          .map((margin) => margin > 1e-5);
        total += isClear.length;
        discarded += isClear.filter((clear) => !clear).length;
        const clear = (words: ArrayLike<number>): number[] =>
          Array.from(words).filter((_, i) => isClear[i]);
        for (const [name, input] of [
          ["itself", x],
          ["normalised", normalized(x)],
          ["times 3", scaled(x, 3)],
          ["times 1e-6", scaled(x, 1e-6)],
          ["times 7e11", scaled(x, 7e11)],
        ] as const) {
          const got = hash(input, rotation, drawn.sizes).dataSync();
          expect(clear(got), name).toEqual(clear(buckets));
        }
      }),
      { numRuns: 40 },
    );
    expect(discarded / total).toBeLessThan(0.01);
  });

  it("is the same bits under jit, vmap, grad, recomputation and powers of two", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { x, rotation } = problemOf(drawn);
        const { sizes } = drawn;
        const apply = (v: Value): Value => hash(v, rotation, sizes);
        const expected = apply(x);
        expectSameBits(jit(apply)(x), expected, "jit");
        expectSameBits(checkpoint(apply)(x), expected, "checkpoint");
        for (const exponent of [-20, -1, 1, 31]) {
          expectSameBits(apply(scaled(x, 2 ** exponent)), expected, `times 2^${exponent}`);
        }
        const loss = (v: Value): [Value, Value] => {
          const square = checkpoint((w: Value): readonly [Value, Value] => [
            np.mul(w, w),
            apply(w),
          ]);
          const [y, buckets] = square(v);
          return [np.sum(y), buckets];
        };
        const [[, aux], gradient] = valueAndGrad(loss, { hasAux: true })(x);
        expectSameBits(aux, expected, "grad");
        expectSameBits(gradient, np.mul(2, x), "gradient of what hashes beside");
        // One example at a time: the rotations of a group must be those of n mod Nr.
        const examples = np.reshape(x, [2, x.shape[0] / 2, ...x.shape.slice(1)]);
        const single = np.reshape(expected, [2, x.shape[0] / 2, ...expected.shape.slice(1)]);
        if (x.shape[0] / 2 >= drawn.rotationGroups) {
          expectSameBits(vmap(apply)(examples), single, "vmap over examples");
          expectSameBits(jit(vmap(apply))(examples), single, "jit of vmap");
        }
        const seeds = np.stack([rotation, np.negative(rotation)]);
        const perSeed = vmap((r: Value) => hash(x, r, sizes))(seeds);
        expectSameBits(
          perSeed,
          np.stack([expected, hash(x, np.negative(rotation), sizes)]),
          "vmap over rotations",
        );
      }),
      { numRuns: 20 },
    );
  });

  it("does not depend on the tokens around", () => {
    fc.assert(
      fc.property(cases, fc.nat(), (drawn, from) => {
        const { x, rotation } = problemOf(drawn);
        const start = from % drawn.length;
        const part = np.index(x, np.slice(), np.slice(start));
        const expected = np.index(hash(x, rotation, drawn.sizes), "...", np.slice(start));
        expectSameBits(hash(part, rotation, drawn.sizes), expected, "part of the tokens");
      }),
      { numRuns: 15 },
    );
  });

  it("gives ties to the lowest index", () => {
    // Columns a, b, a, -a, b: a wins as column 0 or 5 + 3, b as column 1.
    const rotation = f32([1, 2, 1, 5], [1, 0, 1, -1, 0, 0, 1, 0, 0, 1]);
    const x = f32([1, 7, 2], [2, 1, 1, 2, -2, 1, 1, -2, 1, 1, 0, 0, -0, 0]);
    // -2: the products of a are (-2, -2, 2): column 3 is the first of +2, columns 5 and 7 follow.
    // -2 for b: columns 6 and 9 hold +2. Equal products 1, 1: column 0. Nothing at all: column 0.
    expect(hash(x, rotation, [10]).toArray()).toEqual([[[0, 1, 3, 6, 0, 0, 0]]]);
    const both = hash(f32([1, 1, 2], [-1, -1]), rotation, [10]);
    expect(both.toArray()).toEqual([[[3]]]);
  });

  it("gives planted ties to the lowest index in every factor and at any width", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { x } = problemOf(drawn);
        const { width, rounds, sizes, rotationGroups } = drawn;
        // All columns of a factor are one vector: every bucket is 0 or its half, in each factor.
        const half = halfOf(sizes);
        const one = normals(drawn.seed + 2, rotationGroups * width * rounds);
        const rotation = f32(
          [rotationGroups, width, rounds, half],
          Float32Array.from({ length: one.length * half }, (_, i) => one[Math.floor(i / half)]),
        );
        const lowest = (factor: number): readonly number[] => [0, sizes[factor] / 2];
        for (const bucket of hash(x, rotation, sizes).dataSync()) {
          let rest = bucket;
          sizes.forEach((size, factor) => {
            expect(lowest(factor)).toContain(rest % size);
            rest = Math.floor(rest / size);
          });
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe("hash on the compiled backend", () => {
  it("has the bits of the interpreter", async () => {
    const drawn: Case = {
      seed: 5,
      groups: 4,
      rotationGroups: 2,
      length: 133,
      width: 64,
      rounds: 4,
      sizes: [32, 16],
    };
    const { x, rotation } = problemOf(drawn);
    await init("reference");
    const expected = hash(x, rotation, drawn.sizes);
    await init("wasm");
    expectSameBits(hash(x, rotation, drawn.sizes), expected, "buckets");
  });
});

const tokens = 2 ** 20;
const numBuckets = 8192;

describe("sort of 2^20 tokens into 8,192 buckets", () => {
  beforeAll(async () => {
    await init("wasm");
  });

  const uniform = uniformSource(11);
  const distributions: Readonly<Record<string, () => number>> = {
    uniform: () => Math.floor(uniform() * numBuckets),
    "skewed to few": () => Math.floor(uniform() ** 12 * numBuckets),
    "almost all in the last": () =>
      uniform() < 1e-4 ? Math.floor(uniform() * numBuckets) : numBuckets - 1,
    "all equal": () => 4711,
  };

  for (const [name, draw] of Object.entries(distributions)) {
    it(`is right and stable: ${name}`, () => {
      const buckets = Int32Array.from({ length: 2 * tokens }, draw);
      const { order, inverse } = sort(i32([1, 2, tokens], buckets), numBuckets);
      for (const row of [0, 1]) {
        const own = groupOf(buckets, 2, row);
        const slots = groupOf(order.dataSync() as Int32Array, 2, row);
        const slotOf = groupOf(inverse.dataSync() as Int32Array, 2, row);
        // Each slot follows the one before it by (bucket, token), and the inverse leads back: so it is a permutation.
        let wrong = 0;
        for (let s = 0; s < tokens; s++) {
          if (slotOf[slots[s]] !== s) wrong++;
          if (s === 0) continue;
          const [before, here] = [slots[s - 1], slots[s]];
          if (own[before] > own[here] || (own[before] === own[here] && before >= here)) wrong++;
        }
        expect(wrong).toBe(0);
      }
    });
  }
});

describeBackends("sort", () => {
  it("orders any buckets stably", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 7, maxLength: 7 }), {
          minLength: 1,
          maxLength: 4,
        }),
        (rows) => {
          const { order, inverse } = sort(i32([1, rows.length, 7], rows.flat()), 6);
          const expected = rows.map((row) =>
            row.map((_, i) => i).sort((a, b) => row[a] - row[b] || a - b),
          );
          expect(order.toArray()).toEqual([expected]);
          const back = expected.map((row) => row.map((_, token) => row.indexOf(token)));
          expect(inverse.toArray()).toEqual([back]);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describeBackends("combine", () => {
  it("weighs rounds by softmax of their log partition functions, and has its derivative", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer({ min: 1, max: 1_000_000 }),
          rounds: fc.integer({ min: 1, max: 4 }),
          length: fc.integer({ min: 1, max: 6 }),
          extreme: fc.constantFrom(0, -1e5, -1e30),
        }),
        ({ seed, rounds, length, extreme }) => {
          const outs = normals(seed, rounds * length * 3);
          const lse = normals(seed + 1, rounds * length);
          // A token that saw only itself, or nothing, in one round or in all.
          if (extreme !== 0) lse.forEach((_, i) => (i % 3 === 0 ? (lse[i] = extreme) : 0));
          const inputs = [Float64Array.from(outs), Float64Array.from(lse)];
          const cotangent = normals(seed + 2, length * 3);
          const oracle = (): number[] =>
            combineRounds({
              out: rowsOf(inputs[0], length * 3).map((row) => rowsOf(row, 3)),
              lse: rowsOf(inputs[1], length),
            }).flat();
          const loss = (): number => oracle().reduce((sum, x, i) => sum + x * cotangent[i], 0);
          const [out, pullBack] = vjp(
            combine,
            f32([1, rounds, length, 3], outs),
            f32([1, rounds, length], lse),
          );
          expectClose(out.dataSync(), oracle(), { absolute: 1e-6, relative: 1e-5 }, "out");
          const gradients = pullBack(f32([1, length, 3], cotangent));
          gradients.forEach((gradient, i) => {
            // At 1e30 a difference cannot move the number: the rounds are equal there, or out of it.
            if (i === 1 && extreme !== 0) return;
            expectCloseToLargest(
              gradient.dataSync(),
              centralGradient(loss, inputs[i]),
              1e-4,
              ["outs", "lse"][i],
            );
          });
          expect(gradients.every((gradient) => gradient.dataSync().every(Number.isFinite))).toBe(
            true,
          );
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("rotations", () => {
  it("are standard normal, one column for two buckets, and a function of the key", async () => {
    await init("wasm");
    const options = { groups: 4, width: 32, rounds: 4, sizes: [64, 32] };
    const drawn = rotations(key(3), options);
    expect(drawn.shape).toEqual([4, 32, 4, 48]);
    expectSameBits(rotations(key(3), options), drawn, "again");
    const words = Array.from(drawn.dataSync());
    const mean = words.reduce((sum, x) => sum + x, 0) / words.length;
    const variance = words.reduce((sum, x) => sum + (x - mean) ** 2, 0) / words.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it("refuses odd bucket counts", () => {
    expect(() =>
      rotations(key(3), { groups: 1, width: 4, rounds: 1, sizes: [4, 3] }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ReformaxError: lsh.rotations: invalid bucket counts: expected positive even numbers, one per factor, got [4, 3]. An angular hash has as many buckets as vectors and their negatives: an even number.]`,
    );
  });
});
