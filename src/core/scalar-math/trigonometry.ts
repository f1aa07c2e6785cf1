import type { Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";
import { signedLike } from "./sign.ts";

/** pi / 2 in three parts; the first two have 33 bits, so that their products with n < 2^20 are exact. */
const halfPi1 = 1.5707963267341256;
const halfPi2 = 6.077100506303966e-11;
const halfPi3 = 2.0222662487959506e-21;
/** 1.5 * 2^52: adding it rounds an f64 to an integer. */
const roundingShift = 6755399441055744;

/** (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 in r^2 on |r| <= pi / 4: minimax, 4e-9 and 1e-10. */
const sinCoefficients = [-0.166666552, 0.00833219197, -0.000195187895];
const cosCoefficients = [0.0416666456, -0.00138873013, 2.44306611e-5];

interface Angle<F, I> {
  /** |x| less a multiple of pi / 2, in [-pi / 4, pi / 4]. */
  readonly r: F;
  /** That multiple; its two low bits are right. */
  readonly quadrant: I;
}

/**
 * Cody and Waite's reduction, carried out in f64: r is right to an f32's last bit for |x| < 1e6, its absolute
 * error stays below 1e-7 up to 1e9, and it only stays in range beyond. Infinities give NaN.
 */
function reduce<F, I, D, M>(lanes: Lanes<F, I, D, M>, magnitude: F): Angle<F, I> {
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

/** sin of the reduced angle after `turns` further quarter turns. */
function sinOfAngle<F, I, D, M>(lanes: Lanes<F, I, D, M>, angle: Angle<F, I>, turns: 0 | 1): F {
  const { add, sub, mul, f32, i32, addI, andI, eqI, xorI, select, shiftLeft, bits, fromBits } =
    lanes;
  const { r } = angle;
  const square = mul(r, r);
  const sine = add(mul(mul(square, r), polynomial(lanes, square, sinCoefficients)), r);
  const quartic = mul(mul(square, square), polynomial(lanes, square, cosCoefficients));
  const cosine = add(sub(quartic, mul(square, f32(0.5))), f32(1));
  const quadrant = turns === 0 ? angle.quadrant : addI(angle.quadrant, i32(turns));
  const value = select(eqI(andI(quadrant, i32(1)), i32(0)), sine, cosine);
  // Quadrants 2 and 3 are negative: bit 1 goes to the sign bit.
  return fromBits(xorI(bits(value), shiftLeft(andI(quadrant, i32(2)), 30)));
}

export function sin<F, I, D, M>(lanes: Lanes<F, I, D, M>, x: F): F {
  return signedLike(lanes, sinOfAngle(lanes, reduce(lanes, lanes.abs(x)), 0), x);
}

export function cos<F, I, D, M>(lanes: Lanes<F, I, D, M>, x: F): F {
  return sinOfAngle(lanes, reduce(lanes, lanes.abs(x)), 1);
}

/** (atan a - a) / a^3 in a^2 on [0, 1]: minimax, 4e-10. */
const atanCoefficients = [
  -0.333333284, 0.199997216, -0.142804697, 0.110622779, -0.0882595032, 0.0677484572, -0.0451515652,
  0.0229279809, -0.00749891484, 0.00114969478,
];

/** The angle of the point (x, y) in [-pi, pi]; C99's rules for signed zeros and infinities. */
export function atan2<F, I, D, M>(lanes: Lanes<F, I, D, M>, y: F, x: F): F {
  const {
    add,
    sub,
    mul,
    div,
    abs,
    f32,
    i32,
    lt,
    eq,
    ne,
    or,
    ltI,
    bits,
    select,
    nanWhere,
    pmin,
    pmax,
  } = lanes;
  const ax = abs(x);
  const ay = abs(y);
  const small = pmin(ax, ay);
  const large = pmax(ax, ay);
  // 0/0 stands for the direction of the axis, inf/inf for the diagonal.
  const ratio = select(
    eq(large, f32(0)),
    f32(0),
    select(eq(small, f32(Infinity)), f32(1), div(small, large)),
  );
  const square = mul(ratio, ratio);
  const octant = add(mul(mul(square, ratio), polynomial(lanes, square, atanCoefficients)), ratio);
  const steep = select(lt(ax, ay), sub(f32(Math.PI / 2), octant), octant);
  const obtuse = select(ltI(bits(x), i32(0)), sub(f32(Math.PI), steep), steep);
  return nanWhere(or(ne(x, x), ne(y, y)), signedLike(lanes, obtuse, y));
}
