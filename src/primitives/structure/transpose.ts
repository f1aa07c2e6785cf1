import { avalOf, formatAval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape, stridesOf } from "../../core/shape.ts";
import { transpose as transposeOp } from "../../ir/ops.ts";
import { axisBeside } from "../batch-axes.ts";
import { viewRecord } from "../rules/view-record.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly transpose: TransposeParams;
  }
}

export interface TransposeParams {
  /** Axis i of the result is axis permutation[i] of the operand. */
  readonly permutation: readonly number[];
}

/** The axes in another order (`lax.transpose`). */
export const transpose = viewRecord<TransposeParams>({
  name: "transpose",
  result: (x, { permutation }) => {
    const sorted = permutation.toSorted((a, b) => a - b);
    if (sorted.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw new ShapeError("not a permutation of the axes", {
        where: "transpose",
        expected: `every axis of ${formatAval(x)} once`,
        got: formatShape(permutation),
      });
    }
    const shape = permutation.map((axis) => x.shape[axis]);
    return avalOf(x.dtype, shape, x.weak);
  },
  view: ({ permutation }, input) => {
    const strides = stridesOf(input.shape);
    return { offset: 0, strides: permutation.map((axis) => strides[axis]) };
  },
  transpose: ([cotangent], _operands, { permutation }) => [
    cotangent &&
      transposeOp(
        cotangent,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
  ],
  batch: ([x], [mapped = 0], { permutation }) => ({
    values: [transposeOp(x, [mapped, ...permutation.map((axis) => axisBeside(axis, mapped))])],
    axes: [0],
  }),
});
