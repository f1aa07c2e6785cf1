import type { Value } from "../../core/value.ts";
import { bindRecord, convert, div, eq, mul, reduceSum } from "../../ir/ops.ts";
import type { JvpRule } from "../../ir/primitive.ts";
import { unreduce, type ReduceParams } from "./reduction.ts";

/** Derivative of a maximum or minimum: the mean of the tangents of all elements that attain it, as in JAX. */
export const extremumJvp =
  (name: string): JvpRule<ReduceParams> =>
  ([x], [tangent], params) => {
    const [result] = bindRecord(name, [x], params);
    const sum = (values: Value): Value => reduceSum(values, params.axes);
    const attains = convert(eq(x, unreduce(result, x.shape, params.axes)), "f32");
    return {
      primals: [result],
      tangents: [tangent && div(sum(mul(tangent, attains)), sum(attains))],
    };
  };
