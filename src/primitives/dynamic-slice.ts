import { avalOf, formatAval, type Aval } from "../core/aval.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, sizeOf, stridesOf, type Shape } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import { inputBuffer, outputBuffer } from "../ir/lowering.ts";
import {
  add,
  broadcastInDim,
  dynamicSlice as dynamicSliceOp,
  dynamicUpdateSlice,
  full,
  fullLike,
  gather,
  iota,
  literal,
  max,
  min,
  reshape,
  scale,
} from "../ir/ops.ts";
import { definePrimitive, type BatchAxis, type ReferenceArray } from "../ir/primitive.ts";
import { mappedAt, moveAxis } from "./batch-axes.ts";
import { knownValue } from "./gather.ts";
import { expectIndices, expectRank } from "./operand-checks.ts";

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
  lower: {
    kind: "kernel",
    calls: ({ sizes }, [x, ...starts]) => ({
      steps: [
        {
          kernel: "dynamicSlice",
          buffers: [inputBuffer(0), outputBuffer(0), ...starts.map((_, i) => inputBuffer(i + 1))],
          immediates: [sizes.length, ...x.shape, ...sizes],
        },
      ],
    }),
  },
  reference: ([x, ...starts], [out], { sizes }) => {
    const offsets = blockOffsets(x.aval.shape, sizes, starts);
    offsets.forEach((offset, i) => (out.words[i] = x.words[offset]));
  },
});

/** One i32 scalar per axis of x. */
export function checkStarts(primitive: string, x: Aval, starts: readonly Aval[]): void {
  if (starts.length !== x.shape.length) {
    throw new ShapeError("wrong number of start indices", {
      where: primitive,
      expected: `${x.shape.length}, one per axis of ${formatAval(x)}`,
      got: String(starts.length),
    });
  }
  for (const start of starts) {
    expectIndices(primitive, "a start index", start);
    expectRank(primitive, "a start index", start, 0);
  }
}

/** The block fits into x. */
export function checkBlock(primitive: string, x: Aval, sizes: Shape): void {
  const fits =
    sizes.length === x.shape.length && sizes.every((n, axis) => n >= 0 && n <= x.shape[axis]);
  if (fits) return;
  throw new ShapeError("the block does not fit", {
    where: primitive,
    expected: `sizes of at most ${formatShape(x.shape)}`,
    got: formatShape(sizes),
  });
}

/** Word offsets in `shape` of the elements of the block at the clamped starts, in row-major order. */
export function blockOffsets(
  shape: Shape,
  sizes: Shape,
  starts: readonly ReferenceArray[],
): number[] {
  const strides = stridesOf(shape);
  const blockStrides = stridesOf(sizes);
  const first = starts.map(({ words }, axis) =>
    Math.min(Math.max(words[0], 0), shape[axis] - sizes[axis]),
  );
  return Array.from({ length: sizeOf(sizes) }, (_, i) =>
    sizes.reduce(
      (offset, n, axis) =>
        offset + (first[axis] + (Math.floor(i / blockStrides[axis]) % n)) * strides[axis],
      0,
    ),
  );
}

/** Number of leading axes up to the last one that the block does not cover whole. */
export function indexedAxes(shape: Shape, sizes: Shape): number {
  let count = shape.length;
  while (count > 0 && sizes[count - 1] === shape[count - 1]) count--;
  return count;
}

/** The starts as [size] vectors, clamped so that the block fits. */
export const clampedStarts = (
  starts: readonly Value[],
  axes: readonly BatchAxis[],
  shape: Shape,
  sizes: Shape,
  size: number,
): Value[] =>
  starts.map((start, axis) => {
    const each = mappedAt(start, axes[axis], 0, size);
    return min(max(each, fullLike(each, 0)), fullLike(each, shape[axis] - sizes[axis]));
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
