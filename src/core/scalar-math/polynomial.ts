import type { Lanes } from "./lanes.ts";

/** c[0] + c[1] x + c[2] x^2 + ... by Horner's scheme, each operation rounded to f32. */
export function polynomial<F, I, D, M>(
  lanes: Lanes<F, I, D, M>,
  x: F,
  coefficients: readonly number[],
): F {
  const { add, mul, f32 } = lanes;
  return coefficients.map(f32).reduceRight((sum, coefficient) => add(mul(sum, x), coefficient));
}

/** The same in f64. */
export function polynomialD<F, I, D, M>(
  lanes: Lanes<F, I, D, M>,
  x: D,
  coefficients: readonly number[],
): D {
  const { addD, mulD, f64 } = lanes;
  return coefficients.map(f64).reduceRight((sum, coefficient) => addD(mulD(sum, x), coefficient));
}
