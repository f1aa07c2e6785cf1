import { avalOf } from "../../core/aval.ts";
import type { DType } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { applyOp, type ScalarOp, type ScalarType } from "../../ir/expression.ts";
import { bindNamed } from "../../ir/ops.ts";
import { expectOneDType } from "../rules/elementwise-operands.ts";
import { elementwiseRecord } from "../rules/elementwise-record.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly convert: ConvertParams;
  }
}

export interface ConvertParams {
  readonly dtype: DType;
}

const where = "convert";

const conversions: Record<ScalarType, Partial<Record<DType, ScalarOp>>> = {
  f32: { i32: "f32ToI32", u32: "f32ToU32", bool: "f32ToBool" },
  i32: { f32: "i32ToF32", u32: "i32ToU32", bool: "i32ToBool" },
  u32: { f32: "u32ToF32", i32: "u32ToI32", bool: "u32ToBool" },
  bool: { f32: "boolToF32", i32: "boolToI32", u32: "boolToU32" },
};

const convertible: readonly DType[] = ["f32", "i32", "u32", "bool"];

/**
 * The value in another dtype (`lax.convert_element_type`): f32 to integers truncates and saturates,
 * NaN gives 0; to bool tests for non-zero; between integers the bits stay. Only f32 to f32, which
 * strips a weak type, has a derivative.
 */
export const convert = elementwiseRecord<ConvertParams>({
  name: where,
  result: ([x], { dtype }) => {
    expectOneDType(where, [x], convertible);
    if (!convertible.includes(dtype)) {
      throw new DTypeError("no conversion gives fixed point", {
        where,
        expected: convertible.join(" or "),
        got: dtype,
        fix: "Use toFixed, which says how many fraction bits there are.",
      });
    }
    return avalOf(dtype, x.shape);
  },
  element: ([x], { dtype }) => {
    const op = conversions[x.type][dtype];
    return op ? applyOp(op, x) : x;
  },
  jvp: ([x], [tangent], params) => ({
    primals: bindNamed(where, [x], params),
    tangents: [params.dtype === "f32" ? tangent : undefined],
  }),
  transpose: "nonLinear",
});
