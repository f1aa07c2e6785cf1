/** Repeatable test data, from a seed. */

/** Evenly distributed words (Marsaglia's xorshift32 behind a multiplicative hash of the seed). */
export function randomWords(size: number, seed: number): Int32Array {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  return Int32Array.from({ length: size }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
}

/** Floats in [-8, 8). */
export const randomFloats = (size: number, seed: number): Float32Array =>
  Float32Array.from(randomWords(size, seed), (word) => word / 2 ** 28);

/** Integers from `low` to `high`, both included. */
export const randomIntegers = (size: number, low: number, high: number, seed: number): Int32Array =>
  randomWords(size, seed).map((word) => low + ((word >>> 0) % (high - low + 1)));
