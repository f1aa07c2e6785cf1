import { avalOf } from "../../core/aval.ts";
import { cumSum as cumSumOp } from "../../ir/ops.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { axisBeside } from "../batch-axes.ts";
import { expectAxis, expectDType } from "../operand-checks.ts";
import { splitAtAxis } from "../../ir/layouts.ts";
import { runningSums } from "./running-sums.ts";

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

const roundings = {
  f32: Math.fround,
  i32: (sum: number): number => sum | 0,
  u32: (sum: number): number => sum >>> 0,
};

/**
 * Inclusive running sum along an axis (`lax.cumsum`), added in the order of {@link runningSums}: the same bits on every
 * backend. Its transpose runs the other way.
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
    const round =
      roundings[x.aval.dtype === "u32" || x.aval.dtype === "i32" ? x.aval.dtype : "f32"];
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const first = (o * length + (reverse ? length - 1 : 0)) * inner + i;
        const line = { start: first, step: reverse ? -inner : inner, length };
        runningSums(x.words, out.words, line, round);
      }
    }
  },
});
