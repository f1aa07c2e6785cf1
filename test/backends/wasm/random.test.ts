import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threefryBlock } from "../../../src/primitives/random/threefry-block.ts";
import { runInParts } from "../../support/kernels.ts";
import { randomWords } from "../../support/random-words.ts";

interface BlockCase {
  readonly key: readonly number[];
  readonly count: readonly number[];
  readonly out: readonly number[];
}

interface StreamCase {
  readonly seed: number;
  readonly out: number | readonly number[] | readonly (readonly number[])[];
}

/** Values of JAX: the file says where each comes from. */
const golden = JSON.parse(
  readFileSync(new URL("../../golden/jax-random.json", import.meta.url), "utf8"),
) as { threefry2x32: readonly BlockCase[]; partitionable: { bits: readonly StreamCase[] } };

const words = (size: number, seed: number): Uint32Array =>
  new Uint32Array(randomWords(size, seed).buffer);

describe("threefry2x32", () => {
  test.each(golden.threefry2x32)(
    "gives JAX's words for key $key and counter $count",
    ({ key, count, out }) => {
      // Nine copies: eight go through the vector body, one through the tail.
      const copies = 9;
      const operands = [...key, ...count].map((word) => new Uint32Array(copies).fill(word));
      const empty = new Uint32Array(copies);
      const got = runInParts(
        "threefry2x32",
        [...operands, empty, empty.slice()],
        [copies],
        [4, 5],
      ).slice(4);
      expect(got).toEqual(out.map((word) => new Uint32Array(copies).fill(word)));
      expect(threefryBlock(key[0], key[1], count[0], count[1])).toEqual(out);
    },
  );

  test("is the plain block function at any count", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer(), (count, seed) => {
        const operands = [0, 1, 2, 3].map((i) => words(count, seed + i));
        const empty = new Uint32Array(count);
        const got = runInParts(
          "threefry2x32",
          [...operands, empty, empty.slice()],
          [count],
          [4, 5],
        );
        for (let i = 0; i < count; i++) {
          const [k0, k1, c0, c1] = operands.map((operand) => operand[i]);
          expect([got[4][i], got[5][i]]).toEqual(threefryBlock(k0, k1, c0, c1));
        }
      }),
    );
  });
});

describe("randomBits", () => {
  test.each(golden.partitionable.bits)("gives JAX's stream for seed $seed", ({ seed, out }) => {
    const expected = Uint32Array.from([out].flat(2));
    const key = Uint32Array.of(Math.floor(seed / 2 ** 32), seed);
    const [, got] = runInParts(
      "randomBits",
      [key, expected.slice().fill(0)],
      [1, expected.length],
      [1],
    );
    expect(got).toEqual(expected);
  });

  test("gives every key its own stream", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer(),
        (batch, count, seed) => {
          const keys = words(2 * batch, seed);
          const [, got] = runInParts(
            "randomBits",
            [keys, new Uint32Array(batch * count)],
            [batch, count],
            [1],
          );
          const expected = got.map((_, at) => {
            const stream = Math.floor(at / count);
            const [x0, x1] = threefryBlock(keys[2 * stream], keys[2 * stream + 1], 0, at % count);
            return x0 ^ x1;
          });
          expect(got).toEqual(expected);
        },
      ),
    );
  });
});
