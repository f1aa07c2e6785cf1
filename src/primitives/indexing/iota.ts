import { avalOf } from "../../core/aval.ts";
import type { DType } from "../../core/dtype.ts";
import { checkShape, stridesOf, type Shape } from "../../core/shape.ts";
import { iota as iotaOp } from "../../ir/ops.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { expectAxis, expectDType } from "../operand-checks.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly iota: IotaParams;
  }
}

export interface IotaParams {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly axis: number;
}

/** The index along `axis` in every element (`lax.broadcasted_iota`): f32, i32 or u32. */
export const iota = definePrimitive<IotaParams>({
  name: "iota",
  abstractEval: (_inputs, { dtype, shape, axis }) => {
    const aval = avalOf(dtype, checkShape(shape, "iota"));
    expectDType("iota", "the result", aval, ["f32", "i32", "u32"]);
    expectAxis("iota", aval, axis);
    return [aval];
  },
  jvp: "nonDifferentiable",
  transpose: "nonLinear",
  batch: (_values, _axes, { dtype, shape, axis }) => ({
    values: [iotaOp(dtype, shape, axis)],
    axes: [undefined],
  }),
  lower: { kind: "kernel" },
  reference: (_inputs, [out], { shape, axis }) => {
    const stride = stridesOf(shape)[axis];
    for (let i = 0; i < out.words.length; i++) out.words[i] = Math.floor(i / stride) % shape[axis];
  },
});
