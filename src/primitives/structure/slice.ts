import { avalOf, formatAval, type Aval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape, stridesOf, type Shape } from "../../core/shape.ts";
import { literal, pad, slice as sliceOp } from "../../ir/ops.ts";
import { viewRecord } from "../rules/view-record.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly slice: SliceParams;
  }
}

export interface SliceParams {
  readonly start: readonly number[];
  readonly limit: readonly number[];
  readonly strides: readonly number[];
}

/** Elements start, start + stride, ... below limit of every axis (`lax.slice`). */
export const slice = viewRecord<SliceParams>({
  name: "slice",
  result: (x, params) => {
    checkBounds(x, params);
    return avalOf(x.dtype, slicedShape(params), x.weak);
  },
  view: ({ start, strides }, input) => {
    const own = stridesOf(input.shape);
    return {
      offset: start.reduce((sum, first, axis) => sum + first * own[axis], 0),
      strides: strides.map((stride, axis) => stride * own[axis]),
    };
  },
  transpose: ([cotangent], [x], params) => {
    const { start, strides } = params;
    const covered = slicedShape(params).map((n, axis) =>
      n === 0 ? 0 : (n - 1) * strides[axis] + 1,
    );
    const high = x.aval.shape.map((n, axis) => n - start[axis] - covered[axis]);
    const interior = strides.map((stride) => stride - 1);
    return [cotangent && pad(cotangent, literal(0, "f32"), start, high, interior)];
  },
  batch: ([x], [mapped = 0], { start, limit, strides }, size) => ({
    values: [
      sliceOp(
        x,
        start.toSpliced(mapped, 0, 0),
        limit.toSpliced(mapped, 0, size),
        strides.toSpliced(mapped, 0, 1),
      ),
    ],
    axes: [mapped],
  }),
});

const slicedShape = ({ start, limit, strides }: SliceParams): Shape =>
  start.map((first, axis) => Math.ceil((limit[axis] - first) / strides[axis]));

function checkBounds(x: Aval, { start, limit, strides }: SliceParams): void {
  const fits =
    [start, limit, strides].every((list) => list.length === x.shape.length) &&
    x.shape.every(
      (n, axis) =>
        [start[axis], limit[axis], strides[axis]].every(Number.isInteger) &&
        start[axis] >= 0 &&
        start[axis] <= limit[axis] &&
        limit[axis] <= n &&
        strides[axis] > 0,
    );
  if (fits) return;
  throw new ShapeError("the slice does not fit", {
    where: "slice",
    expected: `integers, 0 <= start <= limit <= size and stride > 0 on every axis of ${formatAval(x)}`,
    got: `start ${formatShape(start)}, limit ${formatShape(limit)}, strides ${formatShape(strides)}`,
  });
}
