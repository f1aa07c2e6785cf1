/** Blocks at run-time positions inside of larger arrays: what dynamicSlice and dynamicUpdateSlice share. */
import { formatAval, type Aval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape, sizeOf, stridesOf, type Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import { fullLike, max, min } from "../../ir/ops.ts";
import type { BatchAxis, ReferenceArray } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { expectIndices, expectRank } from "../operand-checks.ts";

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
    sizes.length === x.shape.length &&
    sizes.every((n, axis) => Number.isInteger(n) && n >= 0 && n <= x.shape[axis]);
  if (fits) return;
  throw new ShapeError("the block does not fit", {
    where: primitive,
    expected: `whole sizes of at most ${formatShape(x.shape)}`,
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
