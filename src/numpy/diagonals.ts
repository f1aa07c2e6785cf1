import { checkWhole } from "../core/whole.ts";
import { checkDType, type DType } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { shapeOf, toValue, type ArrayLike } from "../array/array-like.ts";
import { moveaxis, reshape } from "./axes.ts";
import { sliceAxis } from "./join.ts";
import { stretch } from "../array/promote.ts";
import { sum } from "./reduce.ts";

type Comparison = (x: Value, y: Value) => Value;

/** bool[rows, columns]: row + offset compared with column. */
function compareRowsToColumns(
  rows: number,
  columns: number,
  offset: number,
  compare: Comparison,
  where: string,
): Value {
  checkWhole(offset, "the offset", where);
  shapeOf([rows, columns], where);
  const row = ops.iota("i32", [rows, columns], 0);
  return compare(ops.add(row, ops.fullLike(row, offset)), ops.iota("i32", [rows, columns], 1));
}

/**
 * Ones on diagonal `offset` (above the main one if positive), zeros elsewhere. `jax.numpy.eye`.
 *
 * @example
 * import { eye } from "reformax/numpy";
 * console.log(eye(2).toArray()); // => [ [ 1, 0 ], [ 0, 1 ] ]
 */
export const eye = (rows: number, columns = rows, offset = 0, dtype: DType = "f32"): Value =>
  ops.convert(compareRowsToColumns(rows, columns, offset, ops.eq, "eye"), checkDType(dtype, "eye"));

/**
 * The identity matrix. `jax.numpy.identity`.
 *
 * @example
 * import { identity } from "reformax/numpy";
 * console.log(identity(2, "i32").toArray()); // => [ [ 1, 0 ], [ 0, 1 ] ]
 */
export const identity = (size: number, dtype: DType = "f32"): Value =>
  ops.convert(
    compareRowsToColumns(size, size, 0, ops.eq, "identity"),
    checkDType(dtype, "identity"),
  );

/**
 * Ones at and below diagonal `offset`, zeros above. `jax.numpy.tri`.
 *
 * @example
 * import { tri } from "reformax/numpy";
 * console.log(tri(2).toArray()); // => [ [ 1, 0 ], [ 1, 1 ] ]
 */
export const tri = (rows: number, columns = rows, offset = 0, dtype: DType = "f32"): Value =>
  ops.convert(compareRowsToColumns(rows, columns, offset, ops.ge, "tri"), checkDType(dtype, "tri"));

/**
 * `x` with zeros above diagonal `offset` of its last two axes. `jax.numpy.tril`.
 *
 * @example
 * import { tril } from "reformax/numpy";
 * console.log(tril([[1, 2], [3, 4]]).toArray()); // => [ [ 1, 0 ], [ 3, 4 ] ]
 */
export const tril = (x: ArrayLike, offset = 0): Value => maskMatrix(x, offset, ops.ge, "tril");

/**
 * `x` with zeros below diagonal `offset` of its last two axes. `jax.numpy.triu`.
 *
 * @example
 * import { triu } from "reformax/numpy";
 * console.log(triu([[1, 2], [3, 4]]).toArray()); // => [ [ 1, 2 ], [ 0, 4 ] ]
 */
export const triu = (x: ArrayLike, offset = 0): Value => maskMatrix(x, offset, ops.le, "triu");

function maskMatrix(x: ArrayLike, offset: number, keep: Comparison, where: string): Value {
  const value = requireMatrix(toValue(x, where), where);
  const [rows, columns] = value.shape.slice(-2);
  const kept = stretch(compareRowsToColumns(rows, columns, offset, keep, where), value.shape);
  return ops.select(kept, value, ops.zerosLike(value));
}

function requireMatrix(x: Value, where: string): Value {
  if (x.shape.length >= 2) return x;
  throw new ShapeError("at least two axes are needed", {
    where,
    expected: "[..., rows, columns]",
    got: formatShape(x.shape),
  });
}

/**
 * A vector as diagonal `offset` of a square matrix, or that diagonal of a matrix. `jax.numpy.diag`.
 *
 * @throws ShapeError unless `x` has one or two axes
 * @example
 * import { diag } from "reformax/numpy";
 * console.log(diag([1, 2]).toArray()); // => [ [ 1, 0 ], [ 0, 2 ] ]
 * console.log(diag([[1, 2], [3, 4]]).toArray()); // => [ 1, 4 ]
 */
export function diag(x: ArrayLike, offset = 0): Value {
  const value = toValue(x, "diag");
  checkWhole(offset, "the offset", "diag");
  if (value.shape.length === 2) return diagonalOf(value, offset, [0, 1], "diag");
  if (value.shape.length !== 1) {
    throw new ShapeError("one or two axes are needed", {
      where: "diag",
      expected: "one axis or two",
      got: formatShape(value.shape),
    });
  }
  const size = value.shape[0] + Math.abs(offset);
  const columnOf = [Math.max(0, offset), Math.max(0, -offset)];
  const row = ops.pad(value, ops.literal(0, value.dtype), [columnOf[0]], [columnOf[1]]);
  const spread = stretch(row, [size, size]);
  const kept = compareRowsToColumns(size, size, offset, ops.eq, "diag");
  return ops.select(kept, spread, ops.zerosLike(spread));
}

/**
 * Diagonal `offset` of two axes (the first two by default), as the last axis of the result.
 * `jax.numpy.diagonal`.
 *
 * @example
 * import { diagonal } from "reformax/numpy";
 * console.log(diagonal([[1, 2], [3, 4]]).toArray()); // => [ 1, 4 ]
 */
export const diagonal = (x: ArrayLike, offset = 0, axis1 = 0, axis2 = 1): Value =>
  diagonalOf(x, offset, [axis1, axis2], "diagonal");

function diagonalOf(
  x: ArrayLike,
  offset: number,
  matrixAxes: readonly [number, number],
  where: string,
): Value {
  const value = requireMatrix(toValue(x, where), where);
  checkWhole(offset, "the offset", where);
  const rank = value.shape.length;
  const axes = matrixAxes.map((axis) => normalizeAxis(axis, rank, where));
  const matrices = moveaxis(value, axes, [-2, -1]);
  const [rows, columns] = matrices.shape.slice(-2);
  const [firstRow, firstColumn] = [Math.max(0, -offset), Math.max(0, offset)];
  const length = Math.max(0, Math.min(rows - firstRow, columns - firstColumn));
  const outer = matrices.shape.slice(0, -2);
  if (length === 0) return sliceAxis(reshape(matrices, [...outer, rows * columns]), rank - 2, 0, 0);
  // In row-major order the elements of a diagonal lie columns + 1 apart.
  const flat = reshape(matrices, [...outer, rows * columns]);
  const start = firstRow * columns + firstColumn;
  return ops.slice(
    flat,
    [...outer.map(() => 0), start],
    [...outer, start + (length - 1) * (columns + 1) + 1],
    [...outer.map(() => 1), columns + 1],
  );
}

/**
 * The sum of diagonal `offset` of the first two axes. `jax.numpy.trace`.
 *
 * @example
 * import { trace } from "reformax/numpy";
 * console.log(trace([[1, 2], [3, 4]]).item()); // => 5
 */
export const trace = (x: ArrayLike, offset = 0): Value =>
  sum(diagonalOf(x, offset, [0, 1], "trace"), -1);
