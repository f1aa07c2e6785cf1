import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { twoOverPi } from "../../../src/core/scalar-math/angle.ts";
import {
  multiplyHigh,
  select32Bits,
  wordsFrom,
} from "../../../src/core/scalar-math/bit-strings.ts";
import { numberLanes } from "../../../src/core/scalar-math/index.ts";
import { pi } from "./pi.ts";

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const asUnsigned = (lane: number): number => lane >>> 0;
/** A string of bits as one number. */
const joined = (words: readonly number[]): bigint =>
  words.reduce((bits, w) => (bits << 32n) | BigInt(w), 0n);

describe("words of unsigned bits", () => {
  it("multiplyHigh is the high word of the product", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const exact = Number((BigInt(a) * BigInt(b)) >> 32n);
        expect(asUnsigned(multiplyHigh(numberLanes, a | 0, b | 0))).toBe(exact);
      }),
    );
    expect(asUnsigned(multiplyHigh(numberLanes, -1, -1))).toBe(2 ** 32 - 2);
  });

  it("select32Bits joins two words", () => {
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 31 }), (a, b, count) => {
        const exact = BigInt.asUintN(32, joined([a, b]) >> BigInt(32 - count));
        expect(asUnsigned(select32Bits(numberLanes, a | 0, b | 0, count))).toBe(Number(exact));
      }),
    );
  });

  it("wordsFrom takes words from every bit of the string", () => {
    const words = Array.from({ length: 8 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0);
    for (let position = 0; position < 160; position++) {
      const exact = joined(words) >> BigInt(256 - 96 - position);
      const got = wordsFrom(numberLanes, words, position, 3).map(asUnsigned);
      expect([position, joined(got)]).toEqual([position, BigInt.asUintN(96, exact)]);
    }
  });

  it("2 / pi has the bits that the reduction multiplies by", () => {
    expect(joined(twoOverPi)).toBe((2n << (224n + 300n)) / pi(300n));
  });
});
