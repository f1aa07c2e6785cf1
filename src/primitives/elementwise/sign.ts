import { elementwise, zeroDerivative } from "../rules/elementwise.ts";

/** -1, 0 or 1; NaN and signed zeros stay (`lax.sign`). */
export const sign = elementwise({
  name: "sign",
  scalar: { f32: "signF32", i32: "signI32", u32: "signU32" },
  derivative: [zeroDerivative],
});
