import { checkList } from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { ShapeError } from "../core/errors.ts";
import {
  broadcastShapes,
  checkShape,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  shapesEqual,
  sizeOf,
  type Shape,
} from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { shapeOf, toValue, type ArrayLike, type ShapeLike } from "../array/array-like.ts";
import { stretch } from "../array/promote.ts";

/**
 * The same elements in row-major order with another shape; one size may be -1 and is inferred.
 * `jax.numpy.reshape`.
 *
 * @throws ShapeError when the number of elements differs
 * @example
 * import { arange, reshape } from "reformax/numpy";
 * console.log(reshape(arange(6), [2, -1]).toArray()); // => [ [ 0, 1, 2 ], [ 3, 4, 5 ] ]
 */
export function reshape(x: ArrayLike, shape: ShapeLike): Value {
  const value = toValue(x, "reshape");
  const target = inferSize(typeof shape === "number" ? [shape] : shape, value.shape);
  return shapesEqual(value.shape, target) ? value : ops.reshape(value, target);
}

function inferSize(shape: Shape, from: Shape): Shape {
  if (!Array.isArray(shape)) return checkShape(shape, "reshape");
  const unknowns = shape.filter((n) => n === -1).length;
  const known = sizeOf(shape.filter((n) => n !== -1));
  const inferred = known === 0 ? 0 : sizeOf(from) / known;
  const target = unknowns === 1 ? shape.map((n) => (n === -1 ? inferred : n)) : shape;
  if (
    unknowns > 1 ||
    target.some((n) => !Number.isInteger(n) || n < 0) ||
    sizeOf(target) !== sizeOf(from)
  ) {
    throw new ShapeError("cannot reshape", {
      where: "reshape",
      expected: `${sizeOf(from)} elements, as in ${formatShape(from)}`,
      got: describeArgument(shape),
      fix: unknowns > 1 ? "Only one size may be -1." : undefined,
    });
  }
  return target;
}

/**
 * All elements in one axis. `jax.numpy.ravel`.
 *
 * @example
 * import { ravel } from "reformax/numpy";
 * console.log(ravel([[1, 2], [3, 4]]).toArray()); // => [ 1, 2, 3, 4 ]
 */
export const ravel = (x: ArrayLike): Value => flattened(x, "ravel");

/** All elements in one axis, for the function of that name. */
export const flattened = (x: ArrayLike, where: string): Value => reshape(toValue(x, where), [-1]);

/**
 * Axis i of the result is axis `permutation[i]` of `x`; by default the axes are reversed.
 * `jax.numpy.transpose`.
 *
 * @throws ShapeError unless `permutation` names every axis once
 * @example
 * import { transpose } from "reformax/numpy";
 * console.log(transpose([[1, 2], [3, 4]]).toArray()); // => [ [ 1, 3 ], [ 2, 4 ] ]
 */
export function transpose(x: ArrayLike, permutation?: readonly number[]): Value {
  const value = toValue(x, "transpose");
  const rank = value.shape.length;
  const order =
    permutation === undefined
      ? descending(rank)
      : checkList(permutation, "the permutation", "transpose").map((axis) =>
          normalizeAxis(axis, rank, "transpose"),
        );
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ShapeError("not a permutation of the axes", {
      where: "transpose",
      expected: `each of ${rank} axes once`,
      got: formatShape(order),
    });
  }
  return order.every((axis, i) => axis === i) ? value : ops.transpose(value, order);
}

const descending = (rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) => rank - 1 - axis);

/**
 * Two axes exchanged. `jax.numpy.swapaxes`.
 *
 * @example
 * import { swapaxes, zeros } from "reformax/numpy";
 * console.log(swapaxes(zeros([2, 3, 4]), 0, -1).shape); // => [ 4, 3, 2 ]
 */
export function swapaxes(x: ArrayLike, axis1: number, axis2: number): Value {
  const value = toValue(x, "swapaxes");
  const [a, b] = [axis1, axis2].map((axis) => normalizeAxis(axis, value.shape.length, "swapaxes"));
  return transpose(
    value,
    value.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/**
 * Axis `source` moved to position `destination`, the others in their order; lists move several.
 * `jax.numpy.moveaxis`.
 *
 * @example
 * import { moveaxis, zeros } from "reformax/numpy";
 * console.log(moveaxis(zeros([2, 3, 4]), 0, -1).shape); // => [ 3, 4, 2 ]
 */
export function moveaxis(
  x: ArrayLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): Value {
  const value = toValue(x, "moveaxis");
  const rank = value.shape.length;
  const from = axisList(source, rank);
  const to = axisList(destination, rank);
  if (
    from.length !== to.length ||
    new Set(from).size !== from.length ||
    new Set(to).size !== to.length
  ) {
    throw new ShapeError("source and destination must be equally many distinct axes", {
      where: "moveaxis",
      expected: "as many places as axes, each once",
      got: `${formatShape(from)} and ${formatShape(to)}`,
    });
  }
  const rest = value.shape.map((_, axis) => axis).filter((axis) => !from.includes(axis));
  let next = 0;
  const order = value.shape.map((_, position) => {
    const moved = to.indexOf(position);
    return moved >= 0 ? from[moved] : rest[next++];
  });
  return transpose(value, order);
}

const axisList = (axes: number | readonly number[], rank: number): number[] =>
  (typeof axes === "number" ? [axes] : checkList(axes, "the list of axes", "moveaxis")).map(
    (axis) => normalizeAxis(axis, rank, "moveaxis"),
  );

/**
 * New axes of size 1 at the given positions of the result. `jax.numpy.expand_dims`.
 *
 * @example
 * import { expandDims, zeros } from "reformax/numpy";
 * console.log(expandDims(zeros([3]), 0).shape, expandDims(zeros([3]), [0, -1]).shape); // => [ 1, 3 ] [ 1, 3, 1 ]
 */
export function expandDims(x: ArrayLike, axis: number | readonly number[]): Value {
  const value = toValue(x, "expandDims");
  const added = Array.isArray(axis) ? axis.length : 1;
  // Undefined would mean all axes.
  const given = axis === undefined ? NaN : axis;
  const axes = normalizeAxes(given, value.shape.length + added, "expandDims");
  const shape = [...value.shape];
  for (const position of axes) shape.splice(position, 0, 1);
  return reshape(value, shape);
}

/**
 * Without the given axes, which must have size 1; by default without all axes of size 1.
 * `jax.numpy.squeeze`.
 *
 * @throws ShapeError when a given axis has another size
 * @example
 * import { squeeze, zeros } from "reformax/numpy";
 * console.log(squeeze(zeros([1, 3, 1])).shape, squeeze(zeros([1, 3, 1]), 0).shape); // => [ 3 ] [ 3, 1 ]
 */
export function squeeze(x: ArrayLike, axis?: number | readonly number[]): Value {
  const value = toValue(x, "squeeze");
  const ones = value.shape.flatMap((n, position) => (n === 1 ? [position] : []));
  const axes = normalizeAxes(axis === undefined ? ones : axis, value.shape.length, "squeeze");
  const wrong = axes.find((position) => value.shape[position] !== 1);
  if (wrong !== undefined) {
    throw new ShapeError("only axes of size 1 can be squeezed", {
      where: "squeeze",
      expected: `size 1 at axis ${wrong}`,
      got: formatShape(value.shape),
    });
  }
  return reshape(
    value,
    value.shape.filter((_, position) => !axes.includes(position)),
  );
}

/**
 * `x` repeated to `shape` by NumPy's rules: axes align at the end, sizes 1 stretch.
 * `jax.numpy.broadcast_to`.
 *
 * @throws ShapeError when `x` does not fit
 * @example
 * import { broadcastTo } from "reformax/numpy";
 * console.log(broadcastTo([1, 2], [2, 2]).toArray()); // => [ [ 1, 2 ], [ 1, 2 ] ]
 */
export function broadcastTo(x: ArrayLike, shape: ShapeLike): Value {
  const value = toValue(x, "broadcastTo");
  const target = shapeOf(shape, "broadcastTo");
  if (!shapesEqual(broadcastShapes([value.shape, target], "broadcastTo"), target)) {
    throw new ShapeError("the array is larger than the shape", {
      where: "broadcastTo",
      expected: `a shape that stretches to ${formatShape(target)}`,
      got: formatShape(value.shape),
    });
  }
  return stretch(value, target);
}
