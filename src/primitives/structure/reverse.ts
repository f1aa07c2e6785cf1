import { stridesOf } from "../../core/shape.ts";
import { reverse as reverseOp } from "../../ir/ops.ts";
import { axisBeside } from "../batch-axes.ts";
import { expectDistinctAxes } from "../rules/axes.ts";
import { viewRecord } from "../rules/view-record.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly reverse: ReverseParams;
  }
}

export interface ReverseParams {
  readonly axes: readonly number[];
}

/** The elements in reverse order along the axes (`lax.rev`). */
export const reverse = viewRecord<ReverseParams>({
  name: "reverse",
  result: (x, { axes }) => {
    expectDistinctAxes("reverse", x, axes);
    return x;
  },
  view: ({ axes }, { shape }) => {
    const strides = stridesOf(shape);
    return {
      // An empty axis has no last element; nothing is read then.
      offset: axes.reduce((sum, axis) => sum + Math.max(0, shape[axis] - 1) * strides[axis], 0),
      strides: strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
    };
  },
  transpose: ([cotangent], _operands, { axes }) => [cotangent && reverseOp(cotangent, axes)],
  batch: ([x], [mapped = 0], { axes }) => ({
    values: [
      reverseOp(
        x,
        axes.map((axis) => axisBeside(axis, mapped)),
      ),
    ],
    axes: [mapped],
  }),
});
