import { avalOf } from "../../core/aval.ts";
import { applyOp } from "../../ir/expression.ts";
import { fixedSub as fixedSubOp, neg, sub } from "../../ir/ops.ts";
import type { Params, Tangent } from "../../ir/primitive.ts";
import { expectSameShapes } from "../rules/elementwise-operands.ts";
import { elementwiseRecord } from "../rules/elementwise-record.ts";
import { expectFixed } from "../rules/fixed-operands.ts";

/** x - y of fixed-point values of one scale: wrapping integer arithmetic, the exact inverse of fixedAdd. */
export const fixedSub = elementwiseRecord<Params>({
  name: "fixedSub",
  result: (inputs) => {
    expectFixed("fixedSub", inputs);
    expectSameShapes("fixedSub", inputs);
    return avalOf(inputs[0].dtype, inputs[0].shape);
  },
  element: ([x, y]) => applyOp("subI32", x, y),
  jvp: ([x, y], [tangentOfX, tangentOfY]) => ({
    primals: [fixedSubOp(x, y)],
    tangents: [difference(tangentOfX, tangentOfY)],
  }),
  transpose: "nonLinear",
});

function difference(x: Tangent, y: Tangent): Tangent {
  if (x && y) return sub(x, y);
  return y ? neg(y) : x;
}
