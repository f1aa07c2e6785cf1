import { multiplyHigh, select32Bits, wordsFrom } from "./bit-strings.ts";
import type { Lanes, WideLanes } from "./lanes.ts";

export interface Angle<F, I> {
  /** |x| less a multiple of pi / 2, in [-pi / 4, pi / 4]. */
  readonly r: F;
  /** What rounding `r` left out, where it is known. */
  readonly tail?: F;
  /** That multiple; its two low bits are right. */
  readonly quadrant: I;
}

/** pi / 2 in three parts; the first two have 33 bits, so that their products with n < 2^20 are exact. */
const halfPi1 = 1.5707963267341256;
const halfPi2 = 6.077100506303966e-11;
const halfPi3 = 2.0222662487959506e-21;
/** 1.5 * 2^52: adding it rounds an f64 to an integer. */
const roundingShift = 6755399441055744;

/**
 * Cody and Waite's reduction, carried out in f64: r is right to an f32's last bit for |x| < 1e6, its absolute
 * error stays below 1e-7 up to 1e9, and it only stays in range beyond. Infinities give NaN.
 */
export function reduceWide<F, I, D, M>(lanes: WideLanes<F, I, D, M>, magnitude: F): Angle<F, I> {
  const { widen, narrow, mulD, addD, subD, floorD, pminD, pmaxD, f64, f32, add, bits } = lanes;
  const x = widen(magnitude);
  const n = subD(addD(mulD(x, f64(2 / Math.PI)), f64(roundingShift)), f64(roundingShift));
  const exact = [halfPi1, halfPi2, halfPi3].reduce(
    (rest, part) => subD(rest, mulD(n, f64(part))),
    x,
  );
  const bounded = pminD(pmaxD(exact, f64(-0.7854)), f64(0.7854));
  const modulo4 = subD(n, mulD(floorD(mulD(n, f64(0.25))), f64(4)));
  return { r: narrow(bounded), quadrant: bits(add(narrow(modulo4), f32(8388608))) };
}

/** 2 / pi: 32 zero bits, then its first 224 bits behind the point. */
export const twoOverPi = [
  0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
];
/** pi / 4 in units of 2^-32. */
const quarterPi = 0xc90fdaa2;

/**
 * Payne and Hanek's reduction: the mantissa times those bits of 2 / pi that say something of the product modulo 4, in
 * integers. r + tail is right to 29 bits for every finite x. Infinities and NaN give any angle.
 */
export function reduceByIntegers<F, I, M>(lanes: Lanes<F, I, M>, magnitude: F): Angle<F, I> {
  const { f32, i32, lt, bits, fromBits, fromU32, select, selectI, bool, ltU, mul } = lanes;
  const { addI, subI, mulI, andI, orI, xorI, notI, shiftLeft, shiftRight, shiftRightU } = lanes;
  const word = bits(magnitude);
  const mantissa = orI(andI(word, i32(0x7fffff)), i32(0x800000));
  // Bit 0 of the window is the bit of 2 / pi that brings the product's bit of weight 2.
  const [w0, w1, w2] = wordsFrom(lanes, twoOverPi, subI(shiftRightU(word, 23), i32(120)), 3);

  // The product modulo 4 in units of 2^-62: two bits of quadrant, then the fraction.
  const carried = multiplyHigh(lanes, mantissa, w2);
  const low = addI(mulI(mantissa, w1), carried);
  const carry = bool(ltU(low, carried));
  const high = addI(addI(mulI(mantissa, w0), multiplyHigh(lanes, mantissa, w1)), carry);

  // To the nearest quadrant: fractions from a half on are negative ones of the next.
  const quadrant = shiftRightU(addI(high, i32(0x20000000)), 30);
  const signed = orI(shiftLeft(high, 2), shiftRightU(low, 30));
  const negative = shiftRight(signed, 31);
  const fraction = xorI(signed, negative);
  const rest = xorI(shiftLeft(low, 2), negative);

  // The exponent of the fraction's leading bit; a 1 behind it is masked, so that no rounding moves it.
  const leading = fromU32(andI(fraction, notI(shiftRightU(fraction, 1))));
  const exponent = shiftRightU(bits(leading), 23);
  const normal = select32Bits(lanes, fraction, rest, subI(i32(158), exponent));
  const product = multiplyHigh(lanes, normal, i32(quarterPi));
  const scale = fromBits(
    xorI(shiftLeft(subI(exponent, i32(62)), 23), andI(negative, i32(-0x80000000))),
  );
  const near = lt(magnitude, f32(Math.PI / 4));
  return {
    r: select(near, magnitude, mul(fromU32(andI(product, i32(-256))), scale)),
    tail: select(near, f32(0), mul(fromU32(andI(product, i32(255))), scale)),
    quadrant: selectI(near, i32(0), quadrant),
  };
}
