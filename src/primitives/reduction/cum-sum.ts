import { avalOf } from "../../core/aval.ts";
import { cumSum as cumSumOp } from "../../ir/ops.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { axisBeside } from "../batch-axes.ts";
import { expectAxis, expectDType } from "../operand-checks.ts";
import { splitAtAxis } from "../../ir/layouts.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly cumSum: CumSumParams;
  }
}

export interface CumSumParams {
  readonly axis: number;
  /** Sums from the end instead of from the start. */
  readonly reverse: boolean;
}

/**
 * Inclusive running sum along an axis, added one element after the other (`lax.cumsum`). Its transpose
 * runs the other way.
 */
export const cumSum = definePrimitive<CumSumParams>({
  name: "cumSum",
  abstractEval: ([x], { axis }) => {
    expectDType("cumSum", "x", x, ["f32", "i32", "u32"]);
    expectAxis("cumSum", x, axis);
    return [avalOf(x.dtype, x.shape, x.weak)];
  },
  jvp: ([x], [tangent], { axis, reverse }) => ({
    primals: [cumSumOp(x, axis, reverse)],
    tangents: [tangent && cumSumOp(tangent, axis, reverse)],
  }),
  transpose: ([cotangent], _operands, { axis, reverse }) => [
    cotangent && cumSumOp(cotangent, axis, !reverse),
  ],
  batch: ([x], [mapped = 0], { axis, reverse }) => ({
    values: [cumSumOp(x, axisBeside(axis, mapped), reverse)],
    axes: [mapped],
  }),
  lower: { kind: "kernel", inPlace: [[0, 0]] },
  reference: ([x], [out], { axis, reverse }) => {
    const { outer, length, inner } = splitAtAxis(x.aval.shape, axis);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        for (let l = 0; l < length; l++) {
          const at = (step: number): number =>
            (o * length + (reverse ? length - 1 - step : step)) * inner + i;
          // The typed array rounds to f32 or wraps to 32 bits.
          out.words[at(l)] = x.words[at(l)] + (l === 0 ? 0 : out.words[at(l - 1)]);
        }
      }
    }
  },
});
