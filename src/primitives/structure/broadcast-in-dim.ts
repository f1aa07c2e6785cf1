import { avalOf, formatAval, type Aval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { checkShape, formatShape, stridesOf, type Shape } from "../../core/shape.ts";
import { broadcastInDim as broadcastInDimOp, reduceSum, reshape } from "../../ir/ops.ts";
import { moveAxis } from "../batch-axes.ts";
import { viewRecord } from "../rules/view-record.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly broadcastInDim: BroadcastInDimParams;
  }
}

export interface BroadcastInDimParams {
  readonly shape: Shape;
  /** Axis of the result for each axis of the operand, ascending. */
  readonly axes: readonly number[];
}

/**
 * Operand axis i becomes axis axes[i] of the result; sizes 1 stretch, and the other axes repeat
 * (`lax.broadcast_in_dim`). The cotangent is summed over what was repeated.
 */
export const broadcastInDim = viewRecord<BroadcastInDimParams>({
  name: "broadcastInDim",
  result: (x, params) => {
    checkAxes(x, params);
    return avalOf(x.dtype, checkShape(params.shape, "broadcastInDim"), x.weak);
  },
  view: ({ shape, axes }, input) => {
    const own = stridesOf(input.shape);
    const strides = shape.map((_, axis) => {
      const from = axes.indexOf(axis);
      return from < 0 || input.shape[from] === 1 ? 0 : own[from];
    });
    return { offset: 0, strides };
  },
  transpose: ([cotangent], [x], { shape, axes }) => {
    const isRepeated = (axis: number): boolean => {
      const from = axes.indexOf(axis);
      return from < 0 || (x.aval.shape[from] === 1 && shape[axis] !== 1);
    };
    const repeated = shape.map((_, axis) => axis).filter(isRepeated);
    return [cotangent && reshape(reduceSum(cotangent, repeated), x.aval.shape)];
  },
  batch: ([x], [mapped = 0], { shape, axes }, size) => ({
    values: [
      broadcastInDimOp(
        moveAxis(x, mapped, 0),
        [size, ...shape],
        [0, ...axes.map((axis) => axis + 1)],
      ),
    ],
    axes: [0],
  }),
});

function checkAxes(x: Aval, { shape, axes }: BroadcastInDimParams): void {
  const isAscending = axes.every((axis, i) => axis > (axes[i - 1] ?? -1) && axis < shape.length);
  if (axes.length !== x.shape.length || !isAscending) {
    throw new ShapeError("the axes do not fit", {
      where: "broadcastInDim",
      expected: `${x.shape.length} ascending axes of ${formatShape(shape)} for ${formatAval(x)}`,
      got: formatShape(axes),
    });
  }
  if (x.shape.some((n, axis) => n !== 1 && n !== shape[axes[axis]])) {
    throw new ShapeError("sizes do not fit", {
      where: "broadcastInDim",
      expected: `sizes 1 or those of axes ${formatShape(axes)} of ${formatShape(shape)}`,
      got: formatAval(x),
    });
  }
}
