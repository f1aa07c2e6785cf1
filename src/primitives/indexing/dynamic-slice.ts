import { avalOf } from "../../core/aval.ts";
import { sizeOf, stridesOf, type Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import {
  add,
  broadcastInDim,
  dynamicSlice as dynamicSliceOp,
  dynamicUpdateSlice,
  full,
  gather,
  iota,
  literal,
  reshape,
  scale,
} from "../../ir/ops.ts";
import { definePrimitive, type BatchAxis } from "../../ir/primitive.ts";
import { moveAxis } from "../batch-axes.ts";
import { blockOffsets, checkBlock, checkStarts, clampedStarts, indexedAxes } from "./block.ts";
import { knownValue } from "./rows.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly dynamicSlice: DynamicSliceParams;
  }
}

export interface DynamicSliceParams {
  readonly sizes: Shape;
}

const where = "dynamicSlice";

/**
 * The block of `sizes` of x that begins at the starts: one i32 scalar per axis, clamped so that the
 * block lies within x (`lax.dynamic_slice`). Operands: x, starts...
 */
export const dynamicSlice = definePrimitive<DynamicSliceParams>({
  name: "dynamicSlice",
  abstractEval: ([x, ...starts], { sizes }) => {
    checkStarts(where, x, starts);
    checkBlock(where, x, sizes);
    return [avalOf(x.dtype, sizes, x.weak)];
  },
  jvp: ([x, ...starts], [tangent], { sizes }) => ({
    primals: [dynamicSliceOp(x, starts, sizes)],
    tangents: [tangent && dynamicSliceOp(tangent, starts, sizes)],
  }),
  transpose: ([cotangent], [x, ...starts]) => {
    const known = starts.map(knownValue);
    return [
      cotangent && dynamicUpdateSlice(full(x.aval.shape, 0, "f32"), cotangent, known),
      ...starts.map(() => undefined),
    ];
  },
  batch: ([x, ...starts], [xAxis, ...startAxes], { sizes }, size) => {
    if (xAxis !== undefined && startAxes.every((axis) => axis === undefined)) {
      const all = moveAxis(x, xAxis, 0);
      return {
        values: [dynamicSliceOp(all, [literal(0, "i32"), ...starts], [size, ...sizes])],
        axes: [0],
      };
    }
    return { values: [sliceEach(x, xAxis, starts, startAxes, sizes, size)], axes: [0] };
  },
  lower: { kind: "kernel" },
  reference: ([x, ...starts], [out], { sizes }) => {
    const offsets = blockOffsets(x.aval.shape, sizes, starts);
    offsets.forEach((offset, i) => (out.words[i] = x.words[offset]));
  },
});

/**
 * Blocks at different starts: a gather of rows, where a row holds the trailing axes that every block
 * covers whole and the row number combines the positions on the leading ones.
 */
function sliceEach(
  x: Value,
  xAxis: BatchAxis,
  starts: readonly Value[],
  startAxes: readonly BatchAxis[],
  sizes: Shape,
  size: number,
): Value {
  const all = xAxis === undefined ? x : moveAxis(x, xAxis, 0);
  const mappedDims = xAxis === undefined ? 0 : 1;
  const shape = all.shape.slice(mappedDims);
  const count = indexedAxes(shape, sizes);
  const leading = shape.slice(0, count);
  const strides = stridesOf(leading);
  const rowShape = [size, ...sizes.slice(0, count)];
  const first = clampedStarts(starts, startAxes, shape, sizes, size);
  const rows = leading.reduce(
    (sum, _, axis) => {
      const position = add(
        broadcastInDim(first[axis], rowShape, [0]),
        iota("i32", rowShape, axis + 1),
      );
      return add(sum, scale(position, strides[axis]));
    },
    full(rowShape, 0, "i32"),
  );
  const flat = reshape(all, [
    ...all.shape.slice(0, mappedDims),
    sizeOf(leading),
    ...shape.slice(count),
  ]);
  return gather(flat, rows, mappedDims);
}
