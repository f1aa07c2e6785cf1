import { div, mul, neg, trunc } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** Remainder with the sign of x (`lax.rem`); by zero it is x for integers, NaN for f32. */
export const rem = elementwise({
  name: "rem",
  scalar: { f32: "remF32", i32: "remI32", u32: "remU32" },
  derivative: [(t) => t, (t, [x, y]) => neg(mul(t, trunc(div(x, y))))],
});
