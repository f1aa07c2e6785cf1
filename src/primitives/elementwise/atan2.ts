import type { Value } from "../../core/value.ts";
import { add, div, mul, neg } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** The angle of the point (x, y) for operands y, x (`lax.atan2`). */
export const atan2 = elementwise({
  name: "atan2",
  scalar: { f32: "atan2F32" },
  derivative: [
    (t, [y, x]) => mul(t, div(x, squaredRadius(y, x))),
    (t, [y, x]) => neg(mul(t, div(y, squaredRadius(y, x)))),
  ],
});

const squaredRadius = (y: Value, x: Value): Value => add(mul(x, x), mul(y, y));
