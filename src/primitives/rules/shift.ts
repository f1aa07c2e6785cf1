import { avalOf } from "../../core/aval.ts";
import { applyOp, type Expression } from "../../ir/expression.ts";
import type { Params, Primitive } from "../../ir/primitive.ts";
import { expectOneDType, expectSameShapes } from "./elementwise-operands.ts";
import { elementwiseRecord } from "./elementwise-record.ts";

/** The same bits as the other integer type. */
export const asI32 = (x: Expression): Expression => (x.type === "u32" ? applyOp("u32ToI32", x) : x);
export const asU32 = (x: Expression): Expression => (x.type === "i32" ? applyOp("i32ToU32", x) : x);

/**
 * A shift of i32 or u32 by as many bits as the second operand says, i32 or u32. The result has the
 * first one's dtype; distances are unsigned, and those of 32 or more shift everything out.
 */
export const shift = (
  name: string,
  element: (x: Expression, distance: Expression) => Expression,
): Primitive =>
  elementwiseRecord<Params>({
    name,
    result: ([x, distance]) => {
      expectOneDType(name, [x], ["i32", "u32"]);
      expectOneDType(name, [distance], ["i32", "u32"]);
      expectSameShapes(name, [x, distance]);
      return avalOf(x.dtype, x.shape, x.weak && distance.weak);
    },
    element: ([x, distance]) => element(x, distance),
    jvp: "nonDifferentiable",
    transpose: "nonLinear",
  });
