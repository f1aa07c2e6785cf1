import { add, fullLike, mul, sub } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** Hyperbolic tangent (`lax.tanh`). The derivative (1 - y)(1 + y) keeps its accuracy near |y| = 1. */
export const tanh = elementwise({
  name: "tanh",
  scalar: { f32: "tanhF32" },
  derivative: [
    (t, _operands, y) => {
      const one = fullLike(y, 1);
      return mul(t, mul(sub(one, y), add(one, y)));
    },
  ],
});
