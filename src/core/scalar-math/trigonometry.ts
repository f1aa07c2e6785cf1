import { reduceByIntegers, reduceWide, type Angle } from "./angle.ts";
import type { Lanes, WideLanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";
import { signedLike } from "./sign.ts";

/** (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 in r^2 on |r| <= pi / 4: minimax, 4e-9 and 1e-10. */
const sinCoefficients = [-0.166666552, 0.00833219197, -0.000195187895];
const cosCoefficients = [0.0416666456, -0.00138873013, 2.44306611e-5];

/** sin of the reduced angle after `turns` further quarter turns. */
function sinOfAngle<F, I, M>(lanes: Lanes<F, I, M>, angle: Angle<F, I>, turns: 0 | 1): F {
  const { add, sub, mul, f32, i32, addI, andI, eqI, xorI, select, shiftLeft, bits, fromBits } =
    lanes;
  const { r, tail } = angle;
  const square = mul(r, r);
  const cubic = mul(mul(square, r), polynomial(lanes, square, sinCoefficients));
  const sine = add(tail === undefined ? cubic : add(cubic, tail), r);
  const product = mul(mul(square, square), polynomial(lanes, square, cosCoefficients));
  // cos(r + tail) = cos r - r tail, to first order.
  const quartic = tail === undefined ? product : sub(product, mul(r, tail));
  const cosine = add(sub(quartic, mul(square, f32(0.5))), f32(1));
  const quadrant = turns === 0 ? angle.quadrant : addI(angle.quadrant, i32(turns));
  const value = select(eqI(andI(quadrant, i32(1)), i32(0)), sine, cosine);
  // Quadrants 2 and 3 are negative: bit 1 goes to the sign bit.
  return fromBits(xorI(bits(value), shiftLeft(andI(quadrant, i32(2)), 30)));
}

/** y, or NaN where x is infinite or NaN, by its bits: machines may compare NaN as they like. */
const orNaN = <F, I, M>({ i32, ltI, bits, abs, nanWhere }: Lanes<F, I, M>, x: F, y: F): F =>
  nanWhere(ltI(i32(0x7f7fffff), bits(abs(x))), y);

/** sin without f64: within 1.1 ulp for every finite x; NaN at infinities. */
export const sin = <F, I, M>(lanes: Lanes<F, I, M>, x: F): F => {
  const angle = reduceByIntegers(lanes, lanes.abs(x));
  return orNaN(lanes, x, signedLike(lanes, sinOfAngle(lanes, angle, 0), x));
};

/** cos without f64: within 1.1 ulp for every finite x; NaN at infinities. */
export const cos = <F, I, M>(lanes: Lanes<F, I, M>, x: F): F =>
  orNaN(lanes, x, sinOfAngle(lanes, reduceByIntegers(lanes, lanes.abs(x)), 1));

/** sin where there is f64: within 1.5 ulp for |x| < 1e6, an absolute 1.5e-7 up to 1e9. */
export const sinWide = <F, I, D, M>(lanes: WideLanes<F, I, D, M>, x: F): F =>
  signedLike(lanes, sinOfAngle(lanes, reduceWide(lanes, lanes.abs(x)), 0), x);

/** cos where there is f64, as accurate as {@link sinWide}. */
export const cosWide = <F, I, D, M>(lanes: WideLanes<F, I, D, M>, x: F): F =>
  sinOfAngle(lanes, reduceWide(lanes, lanes.abs(x)), 1);
