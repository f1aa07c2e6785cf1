import { mul, neg, sin } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** Cosine of radians (`lax.cos`). */
export const cos = elementwise({
  name: "cos",
  scalar: { f32: "cosF32" },
  derivative: [(t, [x]) => neg(mul(t, sin(x)))],
});
