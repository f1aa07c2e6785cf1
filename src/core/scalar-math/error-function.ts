import { exp } from "./exponential.ts";
import type { Lanes } from "./lanes.ts";
import { log1p } from "./logarithm.ts";
import { polynomial } from "./polynomial.ts";
import { signedLike } from "./sign.ts";

/** erf(a) / a - 1 in a^2 on [0, 1]: minimax, 1e-9. */
const erfCoefficients = [
  0.128379166, -0.376126289, 0.112836182, -0.026855126, 0.00519073382, -0.000803076138,
  7.92036808e-5,
];
/** -log(1 - erf(a)) on [1, 4]: minimax, 3e-11 in erf. */
const erfTailCoefficients = [
  -0.000188465972, 1.12958026, 0.63321656, 0.108421884, -0.0252101924, 0.00420523016,
  -0.000441462325, 2.1696831e-5,
];

/** The error function 2 / sqrt(pi) times the integral of e^-t^2 from 0 to x. */
export function erf<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { add, sub, mul, neg, abs, f32, lt, select, pmin } = lanes;
  // erf is 1 in f32 from 3.92 on; pmin keeps a NaN.
  const magnitude = pmin(abs(x), f32(4));
  const square = mul(magnitude, magnitude);
  const near = add(mul(magnitude, polynomial(lanes, square, erfCoefficients)), magnitude);
  const far = sub(f32(1), exp(lanes, neg(polynomial(lanes, magnitude, erfTailCoefficients))));
  return signedLike(lanes, select(lt(magnitude, f32(1)), near, far), x);
}

/** Giles (2010), "Approximating the erfinv function", single precision: the two branches in w. */
const centralCoefficients = [
  1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6,
  -3.5233877e-6, 3.43273939e-7, 2.81022636e-8,
];
const tailCoefficients = [
  2.83297682, 1.00167406, 0.00943887047, -0.0076224613, 0.00573950773, -0.00367342844,
  0.00134934322, 0.000100950558, -0.000200214257,
];

/** The inverse of erf on [-1, 1]; +-infinity at the ends, NaN outside. As `jax.lax.erf_inv`. */
export function erfInv<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { sub, mul, neg, abs, sqrt, f32, lt, eq, select } = lanes;
  const w = neg(log1p(lanes, neg(mul(x, x))));
  const central = polynomial(lanes, sub(w, f32(2.5)), centralCoefficients);
  const tail = polynomial(lanes, sub(sqrt(w), f32(3)), tailCoefficients);
  const factor = select(lt(w, f32(5)), central, tail);
  return mul(x, select(eq(abs(x), f32(1)), f32(Infinity), factor));
}
