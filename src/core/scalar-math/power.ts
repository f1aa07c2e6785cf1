import type { Lanes, WideLanes } from "./lanes.ts";
import { log2, log2Wide } from "./binary-logarithm.ts";
import { polynomial } from "./polynomial.ts";
import { signedLike } from "./sign.ts";
import { productOf } from "./two-word.ts";

/** 1.5 * 2^52: adding it rounds an f64 to an integer. */
const roundingShiftD = 6755399441055744;
/** 1.5 * 2^23. */
const roundingShift = 12582912;

/** (2^r - 1) / r on |r| <= 1/2: minimax, 3e-9. */
const exp2Coefficients = [
  0.693147182, 0.240226507, 0.0555035919, 0.00961806532, 0.00133911753, 0.000154616646,
];

/** 2^(n + r), rounded once: infinite above, denormal and 0 below. n is an integer in [-160, 130], |r| <= 1/2. */
function exp2<F, I, M>(lanes: Lanes<F, I, M>, n: F, r: F): F {
  const { f32, i32, add, mul, bits, fromBits, shiftLeft, shiftRight, addI, subI } = lanes;
  const mantissa = add(mul(r, polynomial(lanes, r, exp2Coefficients)), f32(1));
  // In two factors, each a normal number; the first product is exact.
  const nInteger = subI(bits(add(n, f32(roundingShift))), i32(0x4b400000));
  const half = shiftRight(nInteger, 1);
  const scale = (exponent: I): F => fromBits(shiftLeft(addI(exponent, i32(127)), 23));
  return mul(mul(mantissa, scale(half)), scale(subI(nInteger, half)));
}

/** |x|^y with the exponent in f64. */
function magnitudeWide<F, I, D, M>(lanes: WideLanes<F, I, D, M>, x: F, y: F): F {
  const { widen, narrow, addD, subD, mulD, pminD, pmaxD, f64, abs } = lanes;
  const exponent = mulD(widen(boundedPower(lanes, y)), log2Wide(lanes, abs(x)));
  const bounded = pminD(pmaxD(exponent, f64(-160)), f64(130));
  const n = subD(addD(bounded, f64(roundingShiftD)), f64(roundingShiftD));
  return exp2(lanes, narrow(n), narrow(subD(bounded, n)));
}

/** |x|^y with the exponent in two f32 words; any number where x or y is NaN. */
function magnitudeOfTwoWords<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F {
  const { f32, abs, add, sub, mul, eq, lt, or, select, pmin, pmax, nearest } = lanes;
  const power = boundedPower(lanes, y);
  const magnitude = abs(x);
  const logarithm = log2(lanes, magnitude);
  const { high, low } = productOf(lanes, power, logarithm.high);
  const isZero = eq(magnitude, f32(0));
  // 0 and infinity have no logarithm here; 200 with y's sign over- or underflows as they do.
  const limit = signedLike(lanes, select(isZero, f32(-200), f32(200)), y);
  const exponent = select(or(isZero, eq(magnitude, f32(Infinity))), limit, high);
  const bounded = pmin(pmax(exponent, f32(-160)), f32(130));
  const n = nearest(bounded);
  const rest = select(lt(abs(exponent), f32(160)), add(low, mul(power, logarithm.low)), f32(0));
  return exp2(lanes, n, add(sub(bounded, n), rest));
}

/** A finite power keeps 0 y = 0 for |x| = 1; 1e30 over- or underflows with every other x. */
const boundedPower = <F, I, M>({ pmin, pmax, f32 }: Lanes<F, I, M>, y: F): F =>
  pmin(pmax(y, f32(-1e30)), f32(1e30));

/** IEEE 754's special cases: x^0 = 1^y = 1 even for NaN, a negative x needs an integer y. */
function withSign<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F, magnitude: F): F {
  const { f32, i32, trunc, mul, eq, ne, lt, ltI, and, or, not } = lanes;
  const { select, nanWhere, fromBits, xorI, bits, bool, shiftLeft } = lanes;
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

/** x^y as 2^(y log2 |x|) without f64: within 1.3 ulp, denormal results within 2^-149. */
export function pow<F, I, M>(lanes: Lanes<F, I, M>, x: F, y: F): F {
  const { ne, or, nanWhere } = lanes;
  const magnitude = magnitudeOfTwoWords(lanes, x, y);
  return withSign(lanes, x, y, nanWhere(or(ne(x, x), ne(y, y)), magnitude));
}

/** x^y as 2^(y log2 |x|) where there is f64: within 1.5 ulp. */
export const powWide = <F, I, D, M>(lanes: WideLanes<F, I, D, M>, x: F, y: F): F =>
  withSign(lanes, x, y, magnitudeWide(lanes, x, y));
