/** Element types that hold f32 values in two bytes: the upper half of f32, or IEEE binary16. */
export type ShortFloat = "bf16" | "f16";

/**
 * f32 as bfloat16: the nearest one, of two equally near ones the even one. What is too large becomes infinite; NaN stays
 * NaN, with the upper bits of its payload.
 */
export function toBfloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(wordsOf(values), (word) => {
    const upper = word >>> 16;
    if (isNaNWord(word)) return (upper & 0x7f) === 0 ? upper | 0x40 : upper;
    return (word + 0x7fff + (upper & 1)) >>> 16;
  });
}

/** f32 as binary16, rounded like {@link toBfloat16}; subnormal numbers included. Every NaN becomes the quiet one. */
export const toFloat16 = (values: Float32Array): Uint16Array =>
  Uint16Array.from(wordsOf(values), (word) => {
    const sign = (word >>> 16) & 0x8000;
    return sign | (isNaNWord(word) ? 0x7e00 : magnitude16(word & 0x7fff_ffff));
  });

/** 2^-14, the smallest normal binary16, and 65520, the smallest number that rounds to infinity, as words of f32. */
const smallestNormal = 0x3880_0000;
const infiniteFrom = 0x477f_f000;

function magnitude16(word: number): number {
  if (word >= infiniteFrom) return 0x7c00;
  // The exponents' biases differ by 112; a mantissa that overflows by rounding carries into the exponent, as it should.
  if (word >= smallestNormal) return roundAway(word - (112 << 23), 13);
  const shift = 126 - (word >>> 23);
  // Below 2^-25, half of the smallest subnormal, all is zero.
  return shift > 24 ? 0 : roundAway((word & 0x7f_ffff) | 0x80_0000, shift);
}

/** `word` without its last `bits` bits, rounded to nearest, ties to even. */
function roundAway(word: number, bits: number): number {
  const half = 2 ** (bits - 1);
  const kept = Math.floor(word / 2 ** bits);
  const rest = word - kept * 2 ** bits;
  return kept + (rest > half || (rest === half && kept % 2 === 1) ? 1 : 0);
}

/**
 * f32 with so many significant bits (1 to 24): the nearest number of those, of two equally near ones the one whose last
 * bit is 0. Infinities, NaN and zeros stay; subnormal numbers keep the places of the smallest normal one.
 */
export function roundSignificands(values: Float32Array, bits: number): Float32Array {
  const dropped = 24 - bits;
  if (dropped === 0) return values;
  const words = Uint32Array.from(wordsOf(values), (word) =>
    (word & 0x7f80_0000) === 0x7f80_0000 ? word : roundAway(word, dropped) * 2 ** dropped,
  );
  return new Float32Array(words.buffer);
}

const wordsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

const isNaNWord = (word: number): boolean => (word & 0x7fff_ffff) > 0x7f80_0000;
