import { mul, sign } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** |x|; the derivative at 0 is 0 (`lax.abs`). */
export const abs = elementwise({
  name: "abs",
  scalar: { f32: "absF32", i32: "absI32", u32: (x) => x },
  derivative: [(t, [x]) => mul(t, sign(x))],
});
