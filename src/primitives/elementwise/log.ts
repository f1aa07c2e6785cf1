import { div } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** Natural logarithm: -infinity at 0, NaN below (`lax.log`). */
export const log = elementwise({
  name: "log",
  scalar: { f32: "logF32" },
  derivative: [(t, [x]) => div(t, x)],
});
