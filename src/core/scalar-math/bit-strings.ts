import type { Lanes } from "./lanes.ts";

/** The high word of the product of two unsigned words, by halves of 16 bits. */
export function multiplyHigh<F, I, M>(lanes: Lanes<F, I, M>, a: I, b: I): I {
  const { i32, addI, mulI, andI, shiftRightU } = lanes;
  const lowHalf = (x: I): I => andI(x, i32(0xffff));
  const highHalf = (x: I): I => shiftRightU(x, 16);
  // No sum here exceeds a word.
  const first = addI(mulI(highHalf(a), lowHalf(b)), highHalf(mulI(lowHalf(a), lowHalf(b))));
  const second = addI(mulI(lowHalf(a), highHalf(b)), lowHalf(first));
  return addI(addI(mulI(highHalf(a), highHalf(b)), highHalf(first)), highHalf(second));
}

/** The 32 bits that begin at bit `count` (0 to 31) of two words, the high one first. */
export const select32Bits = <F, I, M>(lanes: Lanes<F, I, M>, high: I, low: I, count: I): I => {
  const { orI, shiftLeftBy, shiftRightByU, subI, i32 } = lanes;
  return orI(shiftLeftBy(high, count), shiftRightByU(low, subI(i32(32), count)));
};

/**
 * `count` words that begin at bit `position` of a constant string of bits, the high word first. A position outside of
 * the string gives any bits.
 */
export function wordsFrom<F, I, M>(
  lanes: Lanes<F, I, M>,
  bitString: readonly number[],
  position: I,
  count: number,
): readonly I[] {
  const { i32, andI, eqI, not, selectI, shiftRightU } = lanes;
  const index = shiftRightU(position, 5);
  // Moves the words by 1, 2, 4, ... as the bits of the index say.
  const stages = 32 - Math.clz32(bitString.length - count - 1);
  const moved = Array.from({ length: stages }, (_, stage) => 1 << stage).reduce(
    (words: readonly I[], distance) => {
      const far = not(eqI(andI(index, i32(distance)), i32(0)));
      return words.flatMap((word, i) =>
        i + distance < words.length ? [selectI(far, words[i + distance], word)] : [word],
      );
    },
    bitString.map((word) => i32(word)),
  );
  const shift = andI(position, i32(31));
  return Array.from({ length: count }, (_, i) =>
    select32Bits(lanes, moved[i], moved[i + 1], shift),
  );
}
