import { add, div, fullLike } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** log(1 + x), accurate near 0 (`lax.log1p`). */
export const log1p = elementwise({
  name: "log1p",
  scalar: { f32: "log1pF32" },
  derivative: [(t, [x]) => div(t, add(x, fullLike(x, 1)))],
});
