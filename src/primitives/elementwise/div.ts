import * as ops from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";
import { transposeBeside } from "../rules/known-operand.ts";

/** x / y (`lax.div`): integers truncate; division by zero sets all bits. */
export const div = elementwise({
  name: "div",
  scalar: { f32: "divF32", i32: "divI32", u32: "divU32" },
  derivative: [
    (t, [, y]) => ops.div(t, y),
    (t, [, y], result) => ops.neg(ops.mul(t, ops.div(result, y))),
  ],
  transpose: ([cotangent], [x, y]) => [transposeBeside(x, y, cotangent, ops.div), undefined],
});
