import { applyOp, constantExpression } from "../../ir/expression.ts";
import * as ops from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** -x; wraps for integers (`lax.neg`). */
export const neg = elementwise({
  name: "neg",
  scalar: {
    f32: "negF32",
    i32: "negI32",
    u32: (x) => applyOp("subU32", constantExpression(0, "u32"), x),
  },
  derivative: [(t) => ops.neg(t)],
  transpose: ([cotangent]) => [cotangent && ops.neg(cotangent)],
});
