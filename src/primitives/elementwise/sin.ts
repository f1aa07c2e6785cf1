import { cos, mul } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** Sine of radians (`lax.sin`). */
export const sin = elementwise({
  name: "sin",
  scalar: { f32: "sinF32" },
  derivative: [(t, [x]) => mul(t, cos(x))],
});
