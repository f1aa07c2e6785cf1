import type { Lanes } from "./lanes.ts";
import { decompose } from "./logarithm.ts";
import { polynomial, polynomialD } from "./polynomial.ts";

/** 1.5 * 2^52: adding it rounds an f64 to an integer. */
const roundingShiftD = 6755399441055744;
/** 1.5 * 2^23. */
const roundingShift = 12582912;

/** log2((1 + s) / (1 - s)) / s in s^2 for mantissas in [sqrt(1/2), sqrt(2)]: minimax, 3e-14, f64. */
const log2Coefficients = [
  2.885390081777935, 0.9617966939049235, 0.577078025027691, 0.41219726352307157, 0.3206915351012817,
  0.2591616347736252, 0.2688871055994768,
];
/** (2^r - 1) / r on |r| <= 1/2: minimax, 3e-9. */
const exp2Coefficients = [
  0.693147182, 0.240226507, 0.0555035919, 0.00961806532, 0.00133911753, 0.000154616646,
];

/** log2 of x >= 0 in f64. */
function log2Wide<F, I, D, M>(lanes: Lanes<F, I, D, M>, x: F): D {
  const { widen, addD, mulD, divD, f64, f32, lt, eq, select } = lanes;
  const { exponent, fraction } = decompose(lanes, x);
  const f = widen(fraction);
  const s = divD(f, addD(f, f64(2)));
  const mantissaLog = mulD(s, polynomialD(lanes, mulD(s, s), log2Coefficients));
  // Infinite logarithms (and NaN) come in by the exponent.
  const orInfinite = select(lt(x, f32(Infinity)), exponent, x);
  return addD(mantissaLog, widen(select(eq(x, f32(0)), f32(-Infinity), orInfinite)));
}

/** 2^t for an f64 t, rounded once to f32: infinite above, denormal and 0 below. */
function exp2OfWide<F, I, D, M>(lanes: Lanes<F, I, D, M>, t: D): F {
  const { narrow, addD, subD, pminD, pmaxD, f64, f32, i32, add, mul, bits, fromBits } = lanes;
  const { shiftLeft, shiftRight, addI, subI } = lanes;
  const bounded = pminD(pmaxD(t, f64(-160)), f64(130));
  const n = subD(addD(bounded, f64(roundingShiftD)), f64(roundingShiftD));
  const r = narrow(subD(bounded, n));
  const mantissa = add(mul(r, polynomial(lanes, r, exp2Coefficients)), f32(1));
  // In two factors, each a normal number; the first product is exact.
  const nInteger = subI(bits(add(narrow(n), f32(roundingShift))), i32(0x4b400000));
  const half = shiftRight(nInteger, 1);
  const scale = (exponent: I): F => fromBits(shiftLeft(addI(exponent, i32(127)), 23));
  return mul(mul(mantissa, scale(half)), scale(subI(nInteger, half)));
}

/**
 * x^y as 2^(y log2 |x|), the exponent in f64; IEEE 754's special cases: x^0 = 1^y = 1 even for NaN, a negative x
 * needs an integer y.
 */
export function pow<F, I, D, M>(lanes: Lanes<F, I, D, M>, x: F, y: F): F {
  const { f32, i32, abs, trunc, mul, mulD, widen, eq, ne, lt, ltI, and, or, not } = lanes;
  const { select, nanWhere, fromBits, xorI, bits, bool, shiftLeft, pmin, pmax } = lanes;
  // A finite y keeps 0 * y = 0 for |x| = 1; 1e30 over- or underflows with every other x.
  const finiteY = pmin(pmax(y, f32(-1e30)), f32(1e30));
  const magnitude = exp2OfWide(lanes, mulD(widen(finiteY), log2Wide(lanes, abs(x))));

  const isInteger = eq(trunc(y), y);
  const halfY = mul(y, f32(0.5));
  const isOdd = and(isInteger, ne(trunc(halfY), halfY));
  const isNegative = ltI(bits(x), i32(0));
  const sign = shiftLeft(bool(and(isNegative, isOdd)), 31);
  const signed = fromBits(xorI(bits(magnitude), sign));
  const finiteNegative = and(lt(x, f32(0)), lt(f32(-Infinity), x));
  const real = nanWhere(and(finiteNegative, not(isInteger)), signed);
  return select(or(eq(y, f32(0)), eq(x, f32(1))), f32(1), real);
}
