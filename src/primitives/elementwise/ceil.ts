import { elementwise, zeroDerivative } from "../rules/elementwise.ts";

/** The smallest integer not below x (`lax.ceil`). */
export const ceil = elementwise({
  name: "ceil",
  scalar: { f32: "ceilF32" },
  derivative: [zeroDerivative],
});
