import type { Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";
import { signedLike } from "./sign.ts";

/** (atan a - a) / a^3 in a^2 on [0, 1]: minimax, 4e-10. */
const atanCoefficients = [
  -0.333333284, 0.199997216, -0.142804697, 0.110622779, -0.0882595032, 0.0677484572, -0.0451515652,
  0.0229279809, -0.00749891484, 0.00114969478,
];

/** The angle of the point (x, y) in [-pi, pi]; C99's rules for signed zeros and infinities. */
export function atan2<F, I, M>(lanes: Lanes<F, I, M>, y: F, x: F): F {
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
