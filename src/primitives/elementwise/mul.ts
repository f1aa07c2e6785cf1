import * as ops from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";
import { transposeBeside } from "../rules/known-operand.ts";

/** x * y; wraps for integers (`lax.mul`). */
export const mul = elementwise({
  name: "mul",
  scalar: { f32: "mulF32", i32: "mulI32", u32: "mulU32" },
  derivative: [(t, [, y]) => ops.mul(t, y), (t, [x]) => ops.mul(t, x)],
  transpose: ([cotangent], [x, y]) => [
    transposeBeside(x, y, cotangent, ops.mul),
    transposeBeside(y, x, cotangent, ops.mul),
  ],
});
