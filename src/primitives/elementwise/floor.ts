import { elementwise, zeroDerivative } from "../rules/elementwise.ts";

/** The largest integer not above x (`lax.floor`). */
export const floor = elementwise({
  name: "floor",
  scalar: { f32: "floorF32" },
  derivative: [zeroDerivative],
});
