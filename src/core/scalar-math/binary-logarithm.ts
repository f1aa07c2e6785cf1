import type { Lanes, WideLanes } from "./lanes.ts";
import { decompose } from "./logarithm.ts";
import { polynomial, polynomialD } from "./polynomial.ts";
import {
  product,
  quotient,
  sumOfOrdered,
  sumOrdered,
  twoWordConstant,
  type TwoWords,
} from "./two-word.ts";

/** log2((1 + s) / (1 - s)) / s in s^2 for mantissas in [sqrt(1/2), sqrt(2)]: minimax, 3e-14, f64. */
const log2Coefficients = [
  2.885390081777935, 0.9617966939049235, 0.577078025027691, 0.41219726352307157, 0.3206915351012817,
  0.2591616347736252, 0.2688871055994768,
];

/** log2 of x >= 0 in f64. */
export function log2Wide<F, I, D, M>(lanes: WideLanes<F, I, D, M>, x: F): D {
  const { widen, addD, mulD, divD, f64, f32, lt, eq, select } = lanes;
  const { exponent, fraction } = decompose(lanes, x);
  const f = widen(fraction);
  const s = divD(f, addD(f, f64(2)));
  const mantissaLog = mulD(s, polynomialD(lanes, mulD(s, s), log2Coefficients));
  // Infinite logarithms (and NaN) come in by the exponent.
  const orInfinite = select(lt(x, f32(Infinity)), exponent, x);
  return addD(mantissaLog, widen(select(eq(x, f32(0)), f32(-Infinity), orInfinite)));
}

/**
 * log2 of a finite x > 0 in two words, within 2^-36 of it; any finite number for other x. The first two terms of the
 * series have two words, the others weigh less than 2^-12 of the first.
 */
export function log2<F, I, M>(lanes: Lanes<F, I, M>, x: F): TwoWords<F> {
  const { f32, add, mul } = lanes;
  const { exponent, fraction } = decompose(lanes, x);
  const s = quotient(lanes, fraction, sumOfOrdered(lanes, f32(2), fraction));
  const square = product(lanes, s, s);
  const [c0, c1] = log2Coefficients.slice(0, 2).map((c) => twoWordConstant(lanes, c));
  const small = mul(square.high, polynomial(lanes, square.high, log2Coefficients.slice(2)));
  const second = sumOfOrdered(lanes, c1.high, add(c1.low, small));
  const series = sumOrdered(lanes, c0, product(lanes, square, second));
  return sumOrdered(lanes, { high: exponent, low: f32(0) }, product(lanes, s, series));
}
