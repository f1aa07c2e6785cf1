import type { Tensor } from "../../../src/core/tensor.ts";
import { formatAval, sameArrayType } from "../../../src/core/aval.ts";
import { bitsOf } from "../../support/bits.ts";

/** Throws unless both have the same type and the same bits; NaNs are all the same. */
export function sameValues(got: Tensor, expected: Tensor, what: string): void {
  if (!sameArrayType(got.aval, expected.aval)) {
    throw new Error(`${what} is ${formatAval(got.aval)}, expected ${formatAval(expected.aval)}`);
  }
  const [a, b] = [got.words(), expected.words()];
  const [aBits, bBits] = [bitsOf(a), bitsOf(b)];
  const different = aBits.findIndex(
    (bits, i) => bits !== bBits[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i])),
  );
  if (different < 0) return;
  throw new Error(`${what}: element ${different} is ${a[different]}, expected ${b[different]}`);
}

/** Throws unless |got - expected| <= error everywhere. */
export function closeTo(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  errors: ArrayLike<number>,
  what: string,
): void {
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(got[i], expected[i]) || Math.abs(got[i] - expected[i]) <= errors[i]) continue;
    throw new Error(`${what}: element ${i} is ${got[i]}, expected ${expected[i]} +- ${errors[i]}`);
  }
}

/** The inner product in float64, and the sum of the magnitudes of its terms. */
export function innerProduct(
  a: readonly Tensor[],
  b: readonly Tensor[],
): { sum: number; magnitude: number } {
  let sum = 0;
  let magnitude = 0;
  a.forEach((tensor, i) => {
    const [x, y] = [tensor.words(), b[i].words()];
    for (let j = 0; j < x.length; j++) {
      sum += x[j] * y[j];
      magnitude += Math.abs(x[j] * y[j]);
    }
  });
  return { sum, magnitude };
}

/** Equal up to `tolerance` times the largest element; without a tolerance, or as integers, to the bit. */
export function agree(got: Tensor, expected: Tensor, tolerance: number, what: string): void {
  if (tolerance === 0 || expected.dtype !== "f32") {
    sameValues(got, expected, what);
    return;
  }
  if (!sameArrayType(got.aval, expected.aval)) {
    throw new Error(`${what} is ${formatAval(got.aval)}, expected ${formatAval(expected.aval)}`);
  }
  const words = Array.from(expected.words());
  const largest = words.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  closeTo(
    got.words(),
    words,
    words.map(() => tolerance * largest),
    what,
  );
}
