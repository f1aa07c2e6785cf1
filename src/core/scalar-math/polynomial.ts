import type { Lanes, WideLanes } from "./lanes.ts";

/** c[0] + c[1] x + c[2] x^2 + ... by Horner's scheme, each operation rounded to f32. */
export function polynomial<F, I, M>(
  lanes: Lanes<F, I, M>,
  x: F,
  coefficients: readonly number[],
): F {
  const { add, mul, f32 } = lanes;
  let sum = f32(coefficients[coefficients.length - 1]);
  for (let k = coefficients.length - 2; k >= 0; k--) sum = add(mul(sum, x), f32(coefficients[k]));
  return sum;
}

/** The same in f64. */
export function polynomialD<F, I, D, M>(
  lanes: WideLanes<F, I, D, M>,
  x: D,
  coefficients: readonly number[],
): D {
  const { addD, mulD, f64 } = lanes;
  let sum = f64(coefficients[coefficients.length - 1]);
  for (let k = coefficients.length - 2; k >= 0; k--) sum = addD(mulD(sum, x), f64(coefficients[k]));
  return sum;
}
