import { eq, fullLike, mul, select, sign } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** |x|; the derivative at 0 is 1, as in JAX (`lax.abs`), and NaN at NaN. */
export const abs = elementwise({
  name: "abs",
  scalar: { f32: "absF32", i32: "absI32", u32: (x) => x },
  derivative: [(t, [x]) => mul(t, select(eq(x, fullLike(x, 0)), fullLike(x, 1), sign(x)))],
});
