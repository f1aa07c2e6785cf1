import { add, fullLike, mul } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** e^x - 1, accurate near 0 (`lax.expm1`). */
export const expm1 = elementwise({
  name: "expm1",
  scalar: { f32: "expm1F32" },
  derivative: [(t, _operands, y) => mul(t, add(y, fullLike(y, 1)))],
});
