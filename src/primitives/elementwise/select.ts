import { avalOf, formatAval, type Aval } from "../../core/aval.ts";
import { DTypeError } from "../../core/errors.ts";
import { applyOp, scalarTypeOf, type ScalarOp, type ScalarType } from "../../ir/expression.ts";
import { full, select as selectOp } from "../../ir/ops.ts";
import type { Params } from "../../ir/primitive.ts";
import { elementwiseRecord } from "../rules/elementwise-record.ts";
import { expectSameShapes } from "../rules/elementwise-operands.ts";

const where = "select";

const byType: Record<ScalarType, ScalarOp> = {
  f32: "selectF32",
  i32: "selectI32",
  u32: "selectU32",
  bool: "selectBool",
};

/**
 * `onTrue` where the bool `which` holds, else `onFalse`, of any one dtype, q32 included
 * (`lax.select`). Operands: which, onTrue, onFalse.
 */
export const select = elementwiseRecord<Params>({
  name: where,
  result: (inputs) => {
    const [which, onTrue, onFalse] = inputs;
    checkDTypes(which, onTrue, onFalse);
    expectSameShapes(where, inputs);
    return avalOf(onTrue.dtype, onTrue.shape, onTrue.weak && onFalse.weak);
  },
  element: ([which, onTrue, onFalse], _params, [, { dtype }]) =>
    applyOp(byType[scalarTypeOf(dtype)], which, onTrue, onFalse),
  jvp: ([which, onTrue, onFalse], [, tangentOfTrue, tangentOfFalse]) => {
    const zero = full(which.shape, 0, "f32");
    return {
      primals: [selectOp(which, onTrue, onFalse)],
      tangents: [selectOp(which, tangentOfTrue ?? zero, tangentOfFalse ?? zero)],
    };
  },
  transpose: ([cotangent], [which, onTrue, onFalse]) => {
    if (!cotangent || which.linear) return [undefined, undefined, undefined];
    const zero = full(which.aval.shape, 0, "f32");
    return [
      undefined,
      onTrue.linear ? selectOp(which.value, cotangent, zero) : undefined,
      onFalse.linear ? selectOp(which.value, zero, cotangent) : undefined,
    ];
  },
});

function checkDTypes(which: Aval, onTrue: Aval, onFalse: Aval): void {
  if (which.dtype === "bool" && onTrue.dtype === onFalse.dtype) return;
  throw new DTypeError("wrong dtypes", {
    where,
    expected: "a bool and two operands of one dtype",
    got: [which, onTrue, onFalse].map(formatAval).join(", "),
    fix: "Compare to get a bool; convert one of the other two with astype.",
  });
}
