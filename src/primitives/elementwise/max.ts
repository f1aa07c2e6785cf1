import type { Value } from "../../core/value.ts";
import { eq, fullLike, gt, mul, select } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** The larger of two; NaN wins, -0 < +0 (`lax.max`). At ties each operand gets half the tangent. */
export const max = elementwise({
  name: "max",
  scalar: { f32: "maxF32", i32: "maxI32", u32: "maxU32" },
  derivative: [(t, [x, y]) => mul(t, share(x, y)), (t, [x, y]) => mul(t, share(y, x))],
});

/** Derivative by x: 1 where it is the larger, 1/2 where both are equal. */
function share(x: Value, y: Value): Value {
  const isChosen = select(gt(x, y), fullLike(x, 1), fullLike(x, 0));
  return select(eq(x, y), fullLike(x, 0.5), isChosen);
}
