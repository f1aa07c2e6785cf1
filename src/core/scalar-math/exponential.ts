import type { Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";

/**
 * log2(e), less 1.3e-4 of it: n = nearest(x * slope) then is -125 at x = -87 and 128 at the overflow
 * threshold, so that 2^(n - 1) is a normal f32 for every result; |r| grows by 3 % for it.
 */
const slope = 1.4425;
/** ln 2 in two parts; the first has 9 significant bits, so that n * ln2High is exact. */
const ln2High = 0.693359375;
const ln2Low = -2.12194440054690583e-4;
/** 1.5 * 2^23: adding it leaves the nearest integer in the low bits of the sum. */
const roundingShift = 12582912;

/** (e^r - 1 - r) / r^2 on |r| <= 0.3585: minimax, fitted for this library; error of e^r 4e-9. */
const expCoefficients = [0.5, 0.166664988, 0.0416663624, 0.00837126281, 0.00139443786];
/** The same fitted for the relative error of e^r - 1, 5e-10. */
const expm1Coefficients = [
  0.5, 0.166666672, 0.041666463, 0.0083332099, 0.00139357592, 0.000199426693,
];

interface Reduced<F> {
  /** x - n ln 2. */
  readonly r: F;
  /** 2^(n - 1). */
  readonly halfPower: F;
}

/** Cody and Waite's reduction x = n ln 2 + r for x >= -87; n stops at 128, which makes e^x overflow. */
function reduce<F, I, M>(lanes: Lanes<F, I, M>, x: F): Reduced<F> {
  const { add, sub, mul, f32, i32, pmin, bits, fromBits, addI, shiftLeft } = lanes;
  const nearest = add(mul(x, f32(slope)), f32(roundingShift));
  const shifted = pmin(nearest, f32(roundingShift + 128));
  const n = sub(shifted, f32(roundingShift));
  const r = sub(sub(x, mul(n, f32(ln2High))), mul(n, f32(ln2Low)));
  return { r, halfPower: fromBits(addI(shiftLeft(bits(shifted), 23), i32(126 << 23))) };
}

/** e^x; exactly 0 below -87: results there would soon be denormal, which WASM cannot flush. */
export function exp<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { add, mul, f32, lt, zeroWhere } = lanes;
  const { r, halfPower } = reduce(lanes, x);
  const tail = mul(mul(r, r), polynomial(lanes, r, expCoefficients));
  const mantissa = add(add(tail, r), f32(1));
  return zeroWhere(lt(x, f32(-87)), mul(add(mantissa, mantissa), halfPower));
}

/** e^x - 1 without cancellation near 0, where it is x. */
export function expm1<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { add, sub, mul, f32, pmax, lt, abs, select } = lanes;
  const { r, halfPower } = reduce(lanes, pmax(x, f32(-30)));
  const mantissaLess1 = add(mul(mul(r, r), polynomial(lanes, r, expm1Coefficients)), r);
  // 2^n (m + 1) - 1, halved throughout because 2^128 is not an f32.
  const halved = add(mul(halfPower, mantissaLess1), sub(halfPower, f32(0.5)));
  return select(lt(abs(x), f32(1e-8)), x, add(halved, halved));
}
