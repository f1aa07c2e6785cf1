import type { Lanes } from "./lanes.ts";

/**
 * A value of some 48 bits as the sum of two f32 words, the low one at most half a unit of the high one (Dekker 1971,
 * Knuth). Every step has to be rounded on its own: whoever prints these must keep compilers from reordering them.
 */
export interface TwoWords<F> {
  readonly high: F;
  readonly low: F;
}

/** A constant in two words. */
export const twoWordConstant = <F, I, M>({ f32 }: Lanes<F, I, M>, value: number): TwoWords<F> => ({
  high: f32(value),
  low: f32(value - Math.fround(value)),
});

/** a + b, exactly, where |a| >= |b| or a = 0. */
export function sumOfOrdered<F, I, M>({ add, sub }: Lanes<F, I, M>, a: F, b: F): TwoWords<F> {
  const high = add(a, b);
  return { high, low: sub(b, sub(high, a)) };
}

/** a b, exactly, but for overflow and where parts of it would be denormal. */
export function productOf<F, I, M>(lanes: Lanes<F, I, M>, a: F, b: F): TwoWords<F> {
  const { mul, sub } = lanes;
  const [aHigh, aLow] = halvesOf(lanes, a);
  const [bHigh, bLow] = halvesOf(lanes, b);
  const high = mul(a, b);
  const rest = sub(sub(sub(high, mul(aHigh, bHigh)), mul(aLow, bHigh)), mul(aHigh, bLow));
  return { high, low: sub(mul(aLow, bLow), rest) };
}

/** Two parts of 12 bits, whose products are exact. */
function halvesOf<F, I, M>(lanes: Lanes<F, I, M>, a: F): readonly [F, F] {
  const { sub, bits, fromBits, andI, i32 } = lanes;
  const high = fromBits(andI(bits(a), i32(-4096)));
  return [high, sub(a, high)];
}

/** a b within some 2^-45 of it. */
export function product<F, I, M>(
  lanes: Lanes<F, I, M>,
  a: TwoWords<F>,
  b: TwoWords<F>,
): TwoWords<F> {
  const { add, mul } = lanes;
  const { high, low } = productOf(lanes, a.high, b.high);
  const crossed = add(mul(a.high, b.low), mul(a.low, b.high));
  return sumOfOrdered(lanes, high, add(low, crossed));
}

/** a + b within some 2^-45 of it, where |a| >= |b| or a = 0. */
export function sumOrdered<F, I, M>(
  lanes: Lanes<F, I, M>,
  a: TwoWords<F>,
  b: TwoWords<F>,
): TwoWords<F> {
  const { high, low } = sumOfOrdered(lanes, a.high, b.high);
  return sumOfOrdered(lanes, high, lanes.add(low, lanes.add(a.low, b.low)));
}

/** a / b within some 2^-45 of it, even where the language's division is only near. */
export function quotient<F, I, M>(lanes: Lanes<F, I, M>, a: F, b: TwoWords<F>): TwoWords<F> {
  const { sub, mul, div } = lanes;
  const high = div(a, b.high);
  const back = productOf(lanes, high, b.high);
  const rest = sub(sub(sub(a, back.high), back.low), mul(high, b.low));
  return sumOfOrdered(lanes, high, div(rest, b.high));
}
