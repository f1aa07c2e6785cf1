import { checkList } from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { checkWhole } from "../core/whole.ts";
import { ShapeError } from "../core/errors.ts";
import { broadcastShapes, formatShape, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { reshape } from "./axes.ts";
import { contract } from "./contract.ts";
import { promote, stretch } from "../array/promote.ts";

/**
 * Matrix product over the last axis of x and the second last of y; leading axes broadcast, and a
 * vector acts as a row (x) or column (y) that is dropped from the result. `jax.numpy.matmul`.
 *
 * @throws ShapeError when the contracted sizes differ, or an operand is a scalar
 * @example
 * import { matmul } from "reformax/numpy";
 * console.log(matmul([[1, 2], [3, 4]], [[1, 0], [0, 2]]).toArray()); // => [ [ 1, 4 ], [ 3, 8 ] ]
 */
export function matmul(x: ArrayLike, y: ArrayLike): Value {
  const [a, b] = promote([x, y], "matmul");
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  if (rankA === 0 || rankB === 0) {
    throw new ShapeError("a scalar has no axis to contract", {
      where: "matmul",
      got: describe(a, b),
      fix: "Use multiply.",
    });
  }
  requireEqual(a, rankA - 1, b, Math.max(0, rankB - 2), "matmul");
  return rankB <= 2 || rankA === 1 ? contractInner(a, b) : batchedProduct(a, b);
}

/** Last axis of a with the second last (or only) axis of b; every other axis is free. */
function contractInner(a: Value, b: Value): Value {
  return contract(a, b, {
    lhsBatch: [],
    rhsBatch: [],
    lhsContract: [a.shape.length - 1],
    rhsContract: [Math.max(0, b.shape.length - 2)],
  });
}

function batchedProduct(a: Value, b: Value): Value {
  const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)], "matmul");
  const axes = batch.map((_, axis) => axis);
  return contract(
    stretch(a, [...batch, ...a.shape.slice(-2)]),
    stretch(b, [...batch, ...b.shape.slice(-2)]),
    {
      lhsBatch: axes,
      rhsBatch: axes,
      lhsContract: [batch.length + 1],
      rhsContract: [batch.length],
    },
  );
}

/**
 * Sum over the last axis of x and the second last (or only) axis of y; the other axes of x, then
 * those of y, remain. Scalars multiply. `jax.numpy.dot`.
 *
 * @throws ShapeError when the contracted sizes differ
 * @example
 * import { dot } from "reformax/numpy";
 * console.log(dot([1, 2], [3, 4]).item()); // => 11
 */
export function dot(x: ArrayLike, y: ArrayLike): Value {
  const [a, b] = promote([x, y], "dot");
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  if (rankA === 0 || rankB === 0) return outerProduct(a, b);
  requireEqual(a, rankA - 1, b, Math.max(0, rankB - 2), "dot");
  return contractInner(a, b);
}

/**
 * Sum over the last axes of both. `jax.numpy.inner`.
 *
 * @throws ShapeError when the last sizes differ
 * @example
 * import { inner } from "reformax/numpy";
 * console.log(inner([[1, 0], [0, 1]], [5, 7]).toArray()); // => [ 5, 7 ]
 */
export function inner(x: ArrayLike, y: ArrayLike): Value {
  const [a, b] = promote([x, y], "inner");
  if (a.shape.length === 0 || b.shape.length === 0) return outerProduct(a, b);
  return tensordot(a, b, [[-1], [-1]]);
}

/**
 * All products of an element of x with one of y, both flattened: [size of x, size of y].
 * `jax.numpy.outer`.
 *
 * @example
 * import { outer } from "reformax/numpy";
 * console.log(outer([1, 2], [3, 4]).toArray()); // => [ [ 3, 4 ], [ 6, 8 ] ]
 */
export function outer(x: ArrayLike, y: ArrayLike): Value {
  const [a, b] = promote([x, y], "outer");
  return outerProduct(reshape(a, [-1]), reshape(b, [-1]));
}

const outerProduct = (a: Value, b: Value): Value =>
  contract(a, b, { lhsBatch: [], rhsBatch: [], lhsContract: [], rhsContract: [] });

/** The last n axes of x with the first n of y, or two equally long lists of axes. */
export type TensordotAxes = number | readonly [readonly number[], readonly number[]];

/**
 * Sum over pairs of axes; the free axes of x, then those of y, remain. `jax.numpy.tensordot`.
 *
 * @throws ShapeError when the paired sizes differ
 * @example
 * import { tensordot } from "reformax/numpy";
 * console.log(tensordot([[1, 2], [3, 4]], [[1, 1], [1, 1]], 2).item()); // => 10
 */
export function tensordot(x: ArrayLike, y: ArrayLike, axes: TensordotAxes = 2): Value {
  const [a, b] = promote([x, y], "tensordot");
  const [lhs, rhs] = typeof axes === "number" ? countedAxes(a, b, axes) : axisPair(axes);
  if (lhs.length !== rhs.length) {
    throw new ShapeError("axes must come in pairs", {
      where: "tensordot",
      got: `${formatShape(lhs)} and ${formatShape(rhs)}`,
    });
  }
  const lhsContract = lhs.map((axis) => normalizeAxis(axis, a.shape.length, "tensordot"));
  const rhsContract = rhs.map((axis) => normalizeAxis(axis, b.shape.length, "tensordot"));
  lhsContract.forEach((axis, i) => requireEqual(a, axis, b, rhsContract[i], "tensordot"));
  return contract(a, b, { lhsBatch: [], rhsBatch: [], lhsContract, rhsContract });
}

function axisPair(axes: readonly [readonly number[], readonly number[]]): typeof axes {
  const lists = checkList(axes as readonly (readonly number[])[], "axes", "tensordot");
  const [lhs, rhs] = lists.map((list) => checkList(list, "a list of axes", "tensordot"));
  if (lists.length === 2) return [lhs, rhs];
  throw new ShapeError("axes must come in pairs", {
    where: "tensordot",
    expected: "a number, or two lists",
    got: describeArgument(axes),
  });
}

const countedAxes = (a: Value, b: Value, count: number): [number[], number[]] => {
  checkWhole(count, "the number of axes", "tensordot", 0);
  if (count > Math.min(a.shape.length, b.shape.length)) {
    throw new ShapeError("so many axes do not exist", {
      where: "tensordot",
      got: `${count} axes of ${describe(a, b)}`,
    });
  }
  const order = Array.from({ length: count }, (_, i) => i);
  return [order.map((i) => a.shape.length - count + i), order];
};

/**
 * The sum of the products of all elements, both flattened. `jax.numpy.vdot`.
 *
 * @example
 * import { vdot } from "reformax/numpy";
 * console.log(vdot([[1, 2], [3, 4]], [[1, 0], [0, 1]]).item()); // => 5
 */
export const vdot = (x: ArrayLike, y: ArrayLike): Value =>
  dot(reshape(toValue(x, "vdot"), [-1]), reshape(toValue(y, "vdot"), [-1]));

function requireEqual(a: Value, axisA: number, b: Value, axisB: number, where: string): void {
  if (a.shape[axisA] === b.shape[axisB]) return;
  throw new ShapeError("contracted sizes differ", {
    where,
    expected: `axis ${axisA} of the first to equal axis ${axisB} of the second`,
    got: describe(a, b),
  });
}

const describe = (a: Value, b: Value): string =>
  `${formatShape(a.shape)} and ${formatShape(b.shape)}`;
