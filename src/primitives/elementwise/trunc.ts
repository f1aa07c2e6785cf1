import { elementwise, zeroDerivative } from "../rules/elementwise.ts";

/** The integer part: rounds towards zero (`jnp.trunc`). */
export const trunc = elementwise({
  name: "trunc",
  scalar: { f32: "truncF32" },
  derivative: [zeroDerivative],
});
