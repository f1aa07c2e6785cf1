import { mul } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** e^x, exactly 0 below -87 (`lax.exp`). */
export const exp = elementwise({
  name: "exp",
  scalar: { f32: "expF32" },
  derivative: [(t, _operands, y) => mul(t, y)],
});
