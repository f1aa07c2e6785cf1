import type { Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import { add, array, concatenate, multiply, pad, reshape } from "../../numpy/index.ts";

/** trax's numbers of its `FixedBasePositionalEncoding`. */
const bases = [11, 13, 14, 15];
const digits = 8;

/** A vector for each digit of each base, and one for the first place. */
export const fixedBaseShapes = (width: number): readonly Shape[] => [
  ...bases.flatMap(() => Array.from({ length: digits }, () => [1, width / digits])),
  [1, 1, width],
];

/**
 * Vectors of the first places as a table, f32[length, width]: each digit of a place times its vector, side by side by digits from the
 * lowest, added over bases, and the last weight at the first place.
 */
export function fixedBaseTable(weights: readonly Value[], length: number, width: number): Value {
  const sum = bases
    .map((base, b) => {
      const own = weights.slice(b * digits, (b + 1) * digits);
      return concatenate(
        digitsOf(base, length).map((digit, i) => multiply(digit, own[i])),
        1,
      );
    })
    .reduce((all, one) => add(all, one));
  const first = reshape(weights[bases.length * digits], [1, width]);
  const rest = [0, length - 1] as const;
  return add(sum, pad(first, [rest, [0, 0]]));
}

/** All digits of all places, f32[length, 1] each, from the lowest. */
function digitsOf(base: number, length: number): readonly Value[] {
  let places = Float64Array.from({ length }, (_, place) => place);
  return Array.from({ length: digits }, () => {
    const lowest = Float32Array.from(places, (place) => place % base);
    places = places.map((place) => Math.floor(place / base));
    return reshape(array(lowest), [length, 1]);
  });
}
