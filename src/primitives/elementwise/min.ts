import type { Value } from "../../core/value.ts";
import { eq, fullLike, lt, mul, select } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** The smaller of two; NaN wins, -0 < +0 (`lax.min`). At ties each operand gets half the tangent. */
export const min = elementwise({
  name: "min",
  scalar: { f32: "minF32", i32: "minI32", u32: "minU32" },
  derivative: [(t, [x, y]) => mul(t, share(x, y)), (t, [x, y]) => mul(t, share(y, x))],
});

/** Derivative by x: 1 where it is the smaller, 1/2 where both are equal. */
function share(x: Value, y: Value): Value {
  const isChosen = select(lt(x, y), fullLike(x, 1), fullLike(x, 0));
  return select(eq(x, y), fullLike(x, 0.5), isChosen);
}
