import { avalOf } from "../../core/aval.ts";
import { applyOp } from "../../ir/expression.ts";
import { add, fixedAdd as fixedAddOp } from "../../ir/ops.ts";
import type { Params } from "../../ir/primitive.ts";
import { expectSameShapes } from "../rules/elementwise-operands.ts";
import { elementwiseRecord } from "../rules/elementwise-record.ts";
import { expectFixed } from "../rules/fixed-operands.ts";

/** x + y of fixed-point values of one scale: wrapping integer arithmetic, exact and associative. */
export const fixedAdd = elementwiseRecord<Params>({
  name: "fixedAdd",
  result: (inputs) => {
    expectFixed("fixedAdd", inputs);
    expectSameShapes("fixedAdd", inputs);
    return avalOf(inputs[0].dtype, inputs[0].shape);
  },
  element: ([x, y]) => applyOp("addI32", x, y),
  jvp: ([x, y], [tangentOfX, tangentOfY]) => ({
    primals: [fixedAddOp(x, y)],
    tangents: [tangentOfX && tangentOfY ? add(tangentOfX, tangentOfY) : (tangentOfX ?? tangentOfY)],
  }),
  transpose: "nonLinear",
});
