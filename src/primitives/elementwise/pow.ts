import * as ops from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/**
 * x^y (`lax.pow`). As in JAX, the derivative by x is 0 where y = 0 and the derivative by y is 0 where
 * x = 0, so that no 0 * infinity arises.
 */
export const pow = elementwise({
  name: "pow",
  scalar: { f32: "powF32" },
  derivative: [
    (t, [x, y]) => {
      const zero = ops.fullLike(y, 0);
      const one = ops.fullLike(y, 1);
      const isZero = ops.eq(y, zero);
      const slope = ops.mul(y, ops.pow(x, ops.select(isZero, one, ops.sub(y, one))));
      return ops.mul(t, ops.select(isZero, zero, slope));
    },
    (t, [x], result) => {
      const base = ops.select(ops.eq(x, ops.fullLike(x, 0)), ops.fullLike(x, 1), x);
      return ops.mul(t, ops.mul(ops.log(base), result));
    },
  ],
});
