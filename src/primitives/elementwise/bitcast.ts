import { avalOf, formatAval } from "../../core/aval.ts";
import type { DType } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import { applyOp, scalarTypeOf, type Expression, type ScalarType } from "../../ir/expression.ts";
import { elementwiseRecord } from "../rules/elementwise-record.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly bitcast: BitcastParams;
  }
}

export interface BitcastParams {
  readonly dtype: DType;
}

/** The same 32-bit words read as another dtype, q32 included (`lax.bitcast_convert_type`). */
export const bitcast = elementwiseRecord<BitcastParams>({
  name: "bitcast",
  result: ([x], { dtype }) => {
    if (x.dtype === "bool" || dtype === "bool") {
      throw new DTypeError("bool has no bits of its own", {
        where: "bitcast",
        expected: "f32, i32, u32 or q32",
        got: `${formatAval(x)} to ${dtype}`,
        fix: "Convert with astype.",
      });
    }
    return avalOf(dtype, x.shape);
  },
  element: ([x], { dtype }) => fromBits(toBits(x), scalarTypeOf(dtype)),
  jvp: "nonDifferentiable",
  transpose: "nonLinear",
});

const toBits = (x: Expression): Expression => {
  if (x.type === "f32") return applyOp("bitsF32ToU32", x);
  return x.type === "i32" ? applyOp("i32ToU32", x) : x;
};

const fromBits = (bits: Expression, type: ScalarType): Expression => {
  if (type === "f32") return applyOp("bitsU32ToF32", bits);
  return type === "i32" ? applyOp("u32ToI32", bits) : bits;
};
