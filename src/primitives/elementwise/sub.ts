import { neg } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** x - y; wraps for integers (`lax.sub`). */
export const sub = elementwise({
  name: "sub",
  scalar: { f32: "subF32", i32: "subI32", u32: "subU32" },
  derivative: [(t) => t, (t) => neg(t)],
  transpose: ([cotangent], [x, y]) => [
    x.linear ? cotangent : undefined,
    y.linear && cotangent ? neg(cotangent) : undefined,
  ],
});
