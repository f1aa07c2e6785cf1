import { elementwise, zeroDerivative } from "../rules/elementwise.ts";

/** The nearest integer, ties to even (`lax.round` with TO_NEAREST_EVEN). */
export const round = elementwise({
  name: "round",
  scalar: { f32: "roundF32" },
  derivative: [zeroDerivative],
});
