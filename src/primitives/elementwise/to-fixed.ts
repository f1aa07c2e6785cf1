import { avalOf } from "../../core/aval.ts";
import { fixedDType } from "../../core/dtype.ts";
import { applyOp, constantExpression } from "../../ir/expression.ts";
import { toFixed as toFixedOp } from "../../ir/ops.ts";
import { expectOneDType } from "../rules/elementwise-operands.ts";
import { elementwiseRecord } from "../rules/elementwise-record.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly toFixed: ToFixedParams;
  }
}

export interface ToFixedParams {
  readonly fractionBits: number;
}

/**
 * f32 to fixed point: x * 2^k, exact, rounded half to even; saturates, NaN gives INT_MIN. The
 * derivative of rounding is the identity: the f32 tangent passes unchanged.
 */
export const toFixed = elementwiseRecord<ToFixedParams>({
  name: "toFixed",
  result: ([x], { fractionBits }) => {
    expectOneDType("toFixed", [x], ["f32"]);
    return avalOf(fixedDType(fractionBits), x.shape);
  },
  element: ([x], { fractionBits }) =>
    applyOp("roundToI32", applyOp("mulF32", x, constantExpression(1 << fractionBits, "f32"))),
  jvp: ([x], [tangent], { fractionBits }) => ({
    primals: [toFixedOp(x, fractionBits)],
    tangents: [tangent],
  }),
  transpose: "nonLinear",
});
