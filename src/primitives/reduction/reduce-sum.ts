import { reduceSum as reduceSumOp } from "../../ir/ops.ts";
import { reduction, unreduce } from "../rules/reduction.ts";

/**
 * Sum over axes (`lax.reduce_sum`); integers wrap. The reference sums f32 in float64 and rounds
 * once; backends sum in a fixed tree of f32 additions, within log2(n) + 1 roundings of it.
 */
export const reduceSum = reduction({
  name: "reduceSum",
  dtypes: ["f32", "i32", "u32"],
  op: "sum",
  combine: (elements, dtype) =>
    dtype === "f32"
      ? elements.reduce((sum, x) => sum + x, 0)
      : elements.reduce((sum, x) => (sum + x) | 0, 0),
  jvp: ([x], [tangent], { axes }) => ({
    primals: [reduceSumOp(x, axes)],
    tangents: [tangent && reduceSumOp(tangent, axes)],
  }),
  transpose: ([cotangent], [x], { axes }) => [cotangent && unreduce(cotangent, x.aval.shape, axes)],
});
