import { exp } from "./exponential.ts";
import type { Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";
import { signedLike } from "./sign.ts";

/** (tanh a - a) / a^3 in a^2 on [0, 0.625]: minimax, 4e-9. */
const tanhCoefficients = [-0.333332837, 0.133314848, -0.0537429936, 0.0206490327, -0.00571538694];

/** tanh: a polynomial near 0, where 1 - 2 / (e^2x + 1) cancels. */
export function tanh<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { add, sub, mul, div, abs, f32, lt, select } = lanes;
  const magnitude = abs(x);
  const square = mul(magnitude, magnitude);
  const cubic = mul(mul(square, magnitude), polynomial(lanes, square, tanhCoefficients));
  const grown = exp(lanes, add(magnitude, magnitude));
  const far = sub(f32(1), div(f32(2), add(grown, f32(1))));
  return signedLike(lanes, select(lt(magnitude, f32(0.625)), add(cubic, magnitude), far), x);
}

/** 1 / (1 + e^-x) by e^-|x|, which cannot overflow; exactly 0 below -87. */
export function logistic<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { add, div, neg, abs, f32, lt, select } = lanes;
  const decayed = exp(lanes, neg(abs(x)));
  const numerator = select(lt(x, f32(0)), decayed, f32(1));
  return div(numerator, add(decayed, f32(1)));
}
