import { avalOf, formatAval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { checkShape, formatShape, sizeOf, stridesOf, type Shape } from "../../core/shape.ts";
import { reshape as reshapeOp } from "../../ir/ops.ts";
import { moveAxis } from "../batch-axes.ts";
import { viewRecord } from "../rules/view-record.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly reshape: ReshapeParams;
  }
}

export interface ReshapeParams {
  readonly shape: Shape;
}

/** The same elements in row-major order in another shape (`lax.reshape`). */
export const reshape = viewRecord<ReshapeParams>({
  name: "reshape",
  result: (x, { shape }) => {
    if (sizeOf(checkShape(shape, "reshape")) !== sizeOf(x.shape)) {
      throw new ShapeError("the number of elements differs", {
        where: "reshape",
        expected: `a shape of ${sizeOf(x.shape)} elements for ${formatAval(x)}`,
        got: `${formatShape(shape)}, which has ${sizeOf(shape)}`,
      });
    }
    return avalOf(x.dtype, shape, x.weak);
  },
  view: (_params, _input, output) => ({ offset: 0, strides: stridesOf(output.shape) }),
  transpose: ([cotangent], [x]) => [cotangent && reshapeOp(cotangent, x.aval.shape)],
  batch: ([x], [mapped = 0], { shape }, size) => ({
    values: [reshapeOp(moveAxis(x, mapped, 0), [size, ...shape])],
    axes: [0],
  }),
});
