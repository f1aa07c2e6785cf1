import { stopGradient as stopGradientOp } from "../../ir/ops.ts";
import type { Params } from "../../ir/primitive.ts";
import { elementwiseRecord } from "../rules/elementwise-record.ts";

/** x of any dtype, with a derivative of zero (`lax.stop_gradient`). */
export const stopGradient = elementwiseRecord<Params>({
  name: "stopGradient",
  result: ([x]) => x,
  element: ([x]) => x,
  jvp: ([x]) => ({ primals: [stopGradientOp(x)], tangents: [undefined] }),
  transpose: "nonLinear",
});
