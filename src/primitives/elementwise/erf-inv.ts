import { exp, mul, scale } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

const halfSqrtPi = 0.886226925452758;

/** The inverse of erf on (-1, 1), infinite at the ends (`lax.erf_inv`). */
export const erfInv = elementwise({
  name: "erfInv",
  scalar: { f32: "erfInvF32" },
  derivative: [(t, _operands, y) => mul(t, scale(exp(mul(y, y)), halfSqrtPi))],
});
