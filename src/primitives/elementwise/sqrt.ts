import { div, scale } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** Square root, correctly rounded; NaN below 0 (`lax.sqrt`). The derivative at 0 is infinite. */
export const sqrt = elementwise({
  name: "sqrt",
  scalar: { f32: "sqrtF32" },
  derivative: [(t, _operands, y) => div(scale(t, 0.5), y)],
});
