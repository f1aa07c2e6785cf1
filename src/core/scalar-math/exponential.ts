import type { Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";

const log2e = 1.4426950408889634;
/** ln 2 in two parts; the first has 9 significant bits, so that n * ln2High is exact. */
const ln2High = 0.693359375;
const ln2Low = -2.12194440054690583e-4;
/** 1.5 * 2^23: adding it leaves the nearest integer in the low bits of the sum. */
const roundingShift = 12582912;

/** (e^r - 1 - r) / r^2 on |r| <= ln(2) / 2: minimax, fitted for this library; error of e^r 3e-9. */
const expCoefficients = [0.5, 0.166665196, 0.0416663922, 0.00836883206, 0.00139415357];
/** The same fitted for the relative error of e^r - 1, 5e-10. */
const expm1Coefficients = [
  0.5, 0.166666672, 0.0416664891, 0.00833320804, 0.00139326858, 0.000199442657,
];

interface Reduced<F, I> {
  /** x - n ln 2, |r| <= ln(2) / 2 unless n is at its limit. */
  readonly r: F;
  /** Bits whose low ones are those of n. */
  readonly nBits: I;
}

/** Cody and Waite's reduction x = n ln 2 + r with n <= limit. */
function reduce<F, I, D, M>(lanes: Lanes<F, I, D, M>, x: F, limit: number): Reduced<F, I> {
  const { add, sub, mul, f32, bits, pmin } = lanes;
  const nearest = add(mul(x, f32(log2e)), f32(roundingShift));
  const shifted = pmin(nearest, f32(roundingShift + limit));
  const n = sub(shifted, f32(roundingShift));
  const r = sub(sub(x, mul(n, f32(ln2High))), mul(n, f32(ln2Low)));
  return { r, nBits: bits(shifted) };
}

/** 2^(n + offset), which must be a normal number. */
function powerOfTwo<F, I, D, M>(lanes: Lanes<F, I, D, M>, nBits: I, offset: number): F {
  const { fromBits, addI, shiftLeft, i32 } = lanes;
  return fromBits(addI(shiftLeft(nBits, 23), i32((127 + offset) << 23)));
}

/**
 * e^x, exactly 0 below -87: results there would soon be denormal, which WASM cannot flush.
 * The largest results need n = 128, but 2^128 is not an f32: n stops at 127 and r grows instead, which
 * costs a few ulp above x = 88.37 and makes overflow and infinity come out by themselves.
 */
export function exp<F, I, D, M>(lanes: Lanes<F, I, D, M>, x: F): F {
  const { add, mul, f32, lt, zeroWhere } = lanes;
  const { r, nBits } = reduce(lanes, x, 127);
  const tail = mul(mul(r, r), polynomial(lanes, r, expCoefficients));
  const mantissa = add(add(tail, r), f32(1));
  return zeroWhere(lt(x, f32(-87)), mul(mantissa, powerOfTwo(lanes, nBits, 0)));
}

/** e^x - 1 without cancellation near 0, where it is x. */
export function expm1<F, I, D, M>(lanes: Lanes<F, I, D, M>, x: F): F {
  const { add, sub, mul, f32, pmin, pmax, lt, abs, select } = lanes;
  const { r, nBits } = reduce(lanes, pmin(pmax(x, f32(-30)), f32(89)), 128);
  const mantissaLess1 = add(mul(mul(r, r), polynomial(lanes, r, expm1Coefficients)), r);
  // 2^n (m + 1) - 1, halved throughout because 2^128 is not an f32.
  const half = powerOfTwo(lanes, nBits, -1);
  const halved = add(mul(half, mantissaLess1), sub(half, f32(0.5)));
  return select(lt(abs(x), f32(1e-8)), x, add(halved, halved));
}
