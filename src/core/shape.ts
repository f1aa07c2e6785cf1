import { describeArgument } from "./describe-argument.ts";
import { ShapeError } from "./errors.ts";

/** Sizes of the axes, outermost first; `[]` is a scalar. Storage is row-major. */
export type Shape = readonly number[];

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export const shapesEqual = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((n, axis) => n === b[axis]);

export const formatShape = (shape: Shape): string => `[${shape.join(",")}]`;

/** Axis in [0, rank); negative axes count from the end. Throws a ShapeError otherwise. */
export function normalizeAxis(axis: number, rank: number, where: string): number {
  const isWhole = Number.isInteger(axis);
  const normalized = isWhole && axis < 0 ? axis + rank : axis;
  if (!isWhole || normalized < 0 || normalized >= rank) {
    throw new ShapeError("axis out of range", {
      where,
      expected:
        rank === 0 ? "no axis (the value is a scalar)" : `an axis from ${-rank} to ${rank - 1}`,
      got: describeArgument(axis),
    });
  }
  return normalized;
}

/** Distinct normalised axes in ascending order; `undefined` means all of them. */
export function normalizeAxes(
  axes: number | readonly number[] | undefined,
  rank: number,
  where: string,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list: unknown = typeof axes === "number" ? [axes] : axes;
  if (!Array.isArray(list)) {
    throw new ShapeError("no such axes", {
      where,
      expected: "a number or a list of numbers",
      got: describeArgument(axes),
      fix: "Write the axis itself, as in sum(x, 0); options come behind it.",
    });
  }
  const normalized = list.map((axis) => normalizeAxis(axis, rank, where));
  if (new Set(normalized).size !== normalized.length) {
    throw new ShapeError("an axis is named twice", { where, got: formatShape(normalized) });
  }
  return normalized.sort((a, b) => a - b);
}

/** NumPy's broadcasting of several shapes. */
export function broadcastShapes(shapes: readonly Shape[], where: string): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== size)) {
      throw new ShapeError("shapes do not broadcast together", {
        where,
        expected: "sizes that are equal or 1, aligned at the last axis",
        got: shapes.map(formatShape).join(" and "),
        fix: "Reshape or insert axes of size 1 so that they line up.",
      });
    }
    return size;
  });
}

/** Whether an array can have these sizes. An axis of 0 does not make up for one that is too long. */
export function isShape(sizes: unknown): boolean {
  if (!Array.isArray(sizes)) return false;
  let count = 1;
  for (const size of sizes as readonly unknown[]) {
    if (typeof size !== "number" || !Number.isInteger(size) || size < 0) return false;
    if (size > 0) count *= size;
  }
  return count < 2 ** 31;
}

/**
 * Checks that every size is a non-negative integer, and that they fit a 32-bit element count: also beside a size of 0, since
 * the sizes alone are computed with.
 */
export function checkShape(shape: Shape, where: string): Shape {
  if (isShape(shape)) return shape;
  throw new ShapeError("invalid shape", {
    where,
    expected: "non-negative integers with fewer than 2^31 elements in all",
    got: describeArgument(shape),
  });
}
