import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/**
 * x^y (`lax.pow`). The derivative by x is y x^(y - 1), also at y = 0, where only its value is 0: its own derivative by y
 * is 1 / x. At 0^0 it is 0, not 0 * infinity (JAX: NaN). The derivative by y is 0 where x = 0, as in JAX.
 */
export const pow = elementwise({
  name: "pow",
  scalar: { f32: "powF32" },
  derivative: [
    (t, [x, y]) => {
      const exponent = ops.sub(y, ops.fullLike(y, 1));
      return ops.mul(t, ops.mul(y, ops.pow(steadyBase(x, y), exponent)));
    },
    (t, [x], result) => {
      const base = ops.select(ops.eq(x, ops.fullLike(x, 0)), ops.fullLike(x, 1), x);
      return ops.mul(t, ops.mul(ops.log(base), result));
    },
  ],
});

/** x, but 1 at 0^0, where x^-1 times 0 has to be 0. */
function steadyBase(x: Value, y: Value): Value {
  const [zero, one] = [ops.fullLike(x, 0), ops.fullLike(x, 1)];
  return ops.select(ops.and(ops.eq(x, zero), ops.eq(y, zero)), one, x);
}
