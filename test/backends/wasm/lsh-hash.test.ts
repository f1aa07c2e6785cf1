import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runInParts, workspace } from "../../support/kernels.ts";
import { randomFloats, randomIntegers } from "../../support/random-words.ts";

interface Hash {
  readonly groups: number;
  readonly rotationGroups: number;
  readonly length: number;
  readonly width: number;
  readonly rounds: number;
  readonly sizes: readonly number[];
}

function hashed(x: Float32Array, rotations: Float32Array, hash: Hash, slots = 2): Int32Array {
  const { groups, rotationGroups, length, width, rounds, sizes } = hash;
  const [, , out] = runInParts(
    "lshHash",
    [x, rotations, new Int32Array(groups * rounds * length), workspace(slots * (72 * width + 544))],
    [groups, rotationGroups, length, width, rounds, slots, sizes.length, ...sizes],
    [2],
  );
  return out as Int32Array;
}

const columnsOf = (sizes: readonly number[]): number =>
  sizes.reduce((sum, size) => sum + size / 2, 0);

/** Sums blocks of 256 products in order from zero, then the blocks. */
function dot(
  x: Float32Array,
  xStart: number,
  y: Float32Array,
  yStart: number,
  yStride: number,
  width: number,
): number {
  let sum = 0;
  for (let start = 0; start < width; start += 256) {
    let block = 0;
    for (let k = start; k < Math.min(start + 256, width); k++) {
      block = Math.fround(block + Math.fround(x[xStart + k] * y[yStart + k * yStride]));
    }
    sum = Math.fround(sum + block);
  }
  return sum;
}

function hashedPlainly(x: Float32Array, rotations: Float32Array, hash: Hash): Int32Array {
  const { groups, rotationGroups, length, width, rounds, sizes } = hash;
  const columns = columnsOf(sizes);
  return Int32Array.from({ length: groups * rounds * length }, (_, at) => {
    const token = at % length;
    const round = Math.floor(at / length) % rounds;
    const group = Math.floor(at / length / rounds);
    let bucket = 0;
    let place = 1;
    let column = 0;
    for (const size of sizes) {
      const y = Array.from({ length: size / 2 }, (_, j) => {
        const start = ((group % rotationGroups) * width * rounds + round) * columns + column + j;
        return dot(x, (group * length + token) * width, rotations, start, rounds * columns, width);
      });
      const candidates = [...y, ...y.map((value) => -value)];
      const largest = Math.max(...candidates);
      bucket += place * candidates.findIndex((value) => value === largest);
      place *= size;
      column += size / 2;
    }
    return bucket;
  });
}

const hashes = fc
  .record({
    rotationGroups: fc.integer({ min: 1, max: 2 }),
    repeats: fc.integer({ min: 0, max: 2 }),
    length: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(63, 65, 130)),
    width: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 257, 520)),
    rounds: fc.integer({ min: 1, max: 3 }),
    sizes: fc.array(
      fc.integer({ min: 1, max: 11 }).map((half) => 2 * half),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .map(({ repeats, ...rest }) => ({ ...rest, groups: rest.rotationGroups * repeats }));

const sizesOfOperands = (hash: Hash): readonly [number, number] => [
  hash.groups * hash.length * hash.width,
  hash.rotationGroups * hash.width * hash.rounds * columnsOf(hash.sizes),
];

describe("lshHash", () => {
  test("is the position of the largest of [y; -y] per factor, to the bit", () => {
    fc.assert(
      fc.property(hashes, fc.integer(), (hash, seed) => {
        const [xSize, rotationSize] = sizesOfOperands(hash);
        const x = randomFloats(xSize, seed);
        const rotations = randomFloats(rotationSize, seed + 1);
        expect(hashed(x, rotations, hash)).toEqual(hashedPlainly(x, rotations, hash));
      }),
      { numRuns: 60 },
    );
  });

  test("the lowest position wins exact ties, also across the two halves and for zeros", () => {
    fc.assert(
      fc.property(hashes, fc.integer(), (hash, seed) => {
        const [xSize, rotationSize] = sizesOfOperands(hash);
        // Small integers: projections are exact, and collide all the time.
        const x = Float32Array.from(randomIntegers(xSize, -1, 1, seed));
        const rotations = Float32Array.from(randomIntegers(rotationSize, -1, 1, seed + 1));
        expect(hashed(x, rotations, hash)).toEqual(hashedPlainly(x, rotations, hash));
      }),
      { numRuns: 60 },
    );
  });

  test("planted ties of many columns", () => {
    const hash = { groups: 1, rotationGroups: 1, length: 3, width: 1, rounds: 1, sizes: [64] };
    const rotations = new Float32Array(32).fill(0.5);
    rotations[9] = rotations[13] = rotations[30] = -2;
    rotations[11] = rotations[21] = 2;
    // Token 1: +2 at 11; token -1: +2 at 9; token 0: all zero.
    expect(Array.from(hashed(Float32Array.of(1, -1, 0), rotations, hash))).toEqual([11, 9, 0]);
  });

  test("a token's bucket does not depend on the tokens and groups around it", () => {
    const hash = {
      groups: 3,
      rotationGroups: 1,
      length: 71,
      width: 100,
      rounds: 2,
      sizes: [16, 6],
    };
    const [xSize, rotationSize] = sizesOfOperands(hash);
    const x = randomFloats(xSize, 5);
    const rotations = randomFloats(rotationSize, 6);
    const together = hashed(x, rotations, hash);
    for (const [group, token] of [
      [0, 0],
      [1, 37],
      [2, 70],
    ]) {
      const start = (group * 71 + token) * 100;
      const alone = hashed(x.slice(start, start + 100), rotations, {
        ...hash,
        groups: 1,
        length: 1,
      });
      expect(Array.from(alone)).toEqual(
        [0, 1].map((round) => together[(group * 2 + round) * 71 + token]),
      );
    }
  });

  test("NaN never wins, and all NaN gives bucket 0", () => {
    const hash = { groups: 1, rotationGroups: 1, length: 2, width: 1, rounds: 1, sizes: [6] };
    const rotations = Float32Array.of(Number.NaN, 1, 3);
    expect(Array.from(hashed(Float32Array.of(-1, Number.NaN), rotations, hash))).toEqual([5, 0]);
  });
});
