import { avalOf } from "../../core/aval.ts";
import { fractionBits, isFixed } from "../../core/dtype.ts";
import { applyOp, constantExpression } from "../../ir/expression.ts";
import { fromFixed as fromFixedOp } from "../../ir/ops.ts";
import type { Params } from "../../ir/primitive.ts";
import { elementwiseRecord } from "../rules/elementwise-record.ts";
import { expectFixed } from "../rules/fixed-operands.ts";

/**
 * Fixed point to f32: the integer rounded to f32 (half to even), times 2^-k, exact. The tangent of
 * a q32 value is f32 already and passes unchanged.
 */
export const fromFixed = elementwiseRecord<Params>({
  name: "fromFixed",
  result: ([x]) => {
    expectFixed("fromFixed", [x]);
    return avalOf("f32", x.shape);
  },
  element: ([x], _params, [{ dtype }]) => {
    const unit = isFixed(dtype) ? 1 / (1 << fractionBits(dtype)) : 1;
    return applyOp("mulF32", applyOp("i32ToF32", x), constantExpression(unit, "f32"));
  },
  jvp: ([x], [tangent]) => ({ primals: [fromFixedOp(x)], tangents: [tangent] }),
  transpose: "nonLinear",
});
