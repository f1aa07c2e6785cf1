import { exp, mul, neg, scale } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

const twoOverSqrtPi = 1.1283791670955126;

/** The error function (`lax.erf`). */
export const erf = elementwise({
  name: "erf",
  scalar: { f32: "erfF32" },
  derivative: [(t, [x]) => mul(t, scale(exp(neg(mul(x, x))), twoOverSqrtPi))],
});
