import type { Aval } from "../../core/aval.ts";
import { stridesOf } from "../../core/shape.ts";
import type { View } from "../../ir/lowering.ts";
import { bindRecord } from "../../ir/ops.ts";
import { definePrimitive, type Params, type Primitive } from "../../ir/primitive.ts";

/** What is particular to an operation that only re-arranges the elements of its one operand. */
export interface ViewRecord<P extends Params> extends Pick<Primitive<P>, "name" | "batch"> {
  readonly result: (x: Aval, params: P) => Aval;
  readonly view: (params: P, input: Aval, output: Aval) => View;
  readonly transpose: Exclude<Primitive<P>["transpose"], "nonLinear">;
}

/**
 * The record of an operation that only re-arranges: it takes every dtype, it is linear, its tangent
 * is the same operation on the tangent, and its reference copies through the view.
 */
export function viewRecord<P extends Params>(record: ViewRecord<P>): Primitive<P> {
  const { name, result, view, transpose, batch } = record;
  return definePrimitive<P>({
    name,
    abstractEval: ([x], params) => [result(x, params)],
    jvp: (primals, [tangent], params) => ({
      primals: bindRecord(name, primals, params),
      tangents: [tangent && bindRecord(name, [tangent], params)[0]],
    }),
    transpose,
    batch,
    lower: { kind: "view", view },
    reference: ([x], [out], params) => {
      const { offset, strides } = view(params, x.aval, out.aval);
      const { shape } = out.aval;
      const indexStrides = stridesOf(shape);
      for (let i = 0; i < out.words.length; i++) {
        const steps = shape.map(
          (n, axis) => (Math.floor(i / indexStrides[axis]) % n) * strides[axis],
        );
        out.words[i] = x.words[steps.reduce((sum, step) => sum + step, offset)];
      }
    },
  });
}
