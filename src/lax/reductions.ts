import { describeArgument } from "../core/describe-argument.ts";
import { checkWholes } from "../core/whole.ts";
import { ShapeError } from "../core/errors.ts";
import { normalizeAxes, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { toNumeric } from "../array/promote.ts";
import { moveaxis } from "../numpy/axes.ts";
import { sliceAxis } from "../numpy/join.ts";
import { argsort } from "../numpy/order.ts";
import { takeAlongAxis } from "../numpy/take.ts";

type Reduce = (x: ArrayLike, axes: readonly number[]) => Value;

const reduce = (where: string, f: (x: Value, axes: readonly number[]) => Value): Reduce =>
  withName(where, (x, axes) => {
    const value = toValue(x, where);
    checkWholes(axes, "an axis", where);
    return f(value, normalizeAxes(axes, value.shape.length, where));
  });

/**
 * Sum over the given axes; f32 in a fixed tree. `jax.lax.reduce_sum`.
 *
 * @example
 * import { reduceSum } from "reformax/lax";
 * console.log(reduceSum([[1, 2], [3, 4]], [0]).toArray()); // => [ 4, 6 ]
 */
export const reduceSum: Reduce = reduce("reduceSum", ops.reduceSum);

/**
 * Product over the given axes. `jax.lax.reduce_prod`.
 *
 * @example
 * import { reduceProduct } from "reformax/lax";
 * console.log(reduceProduct([[1, 2], [3, 4]], [0]).toArray()); // => [ 3, 8 ]
 */
export const reduceProduct: Reduce = reduce("reduceProduct", ops.reduceProduct);

/**
 * Maximum over the given axes; of nothing it is the smallest value of the dtype. `jax.lax.reduce_max`.
 *
 * @example
 * import { reduceMax } from "reformax/lax";
 * console.log(reduceMax([[1, 2], [3, 4]], [0]).toArray()); // => [ 3, 4 ]
 */
export const reduceMax: Reduce = reduce("reduceMax", ops.reduceMax);

/**
 * Minimum over the given axes; of nothing it is the largest value of the dtype. `jax.lax.reduce_min`.
 *
 * @example
 * import { reduceMin } from "reformax/lax";
 * console.log(reduceMin([[1, 2], [3, 4]], [0]).toArray()); // => [ 1, 2 ]
 */
export const reduceMin: Reduce = reduce("reduceMin", ops.reduceMin);

/**
 * Whether all bools along the axes hold. `jax.lax.reduce_and`.
 *
 * @example
 * import { reduceAnd } from "reformax/lax";
 * console.log(reduceAnd([true, false], [0]).item()); // => 0
 */
export const reduceAnd: Reduce = reduce("reduceAnd", ops.reduceAnd);

/**
 * Whether any bool along the axes holds. `jax.lax.reduce_or`.
 *
 * @example
 * import { reduceOr } from "reformax/lax";
 * console.log(reduceOr([true, false], [0]).item()); // => 1
 */
export const reduceOr: Reduce = reduce("reduceOr", ops.reduceOr);

/**
 * The k largest elements of the last axis in descending order, and their i32 indices; the lower
 * index comes first at ties. `jax.lax.top_k`.
 *
 * @throws ShapeError unless k is a whole number, at most the size of the last axis
 * @example
 * import { topK } from "reformax/lax";
 * const [values, indices] = topK([1, 5, 3], 2);
 * console.log(values.toArray(), indices.toArray()); // => [ 5, 3 ] [ 1, 2 ]
 */
export function topK(x: ArrayLike, k: number): [Value, Value] {
  const value = toValue(x, "topK");
  checkTopCount(k, value);
  const order = argsort(value, -1, { descending: true });
  const indices = sliceAxis(order, order.shape.length - 1, 0, k);
  return [takeAlongAxis(value, indices, -1), indices];
}

function checkTopCount(k: number, x: Value): void {
  const size = x.shape[x.shape.length - 1] ?? 0;
  if (Number.isInteger(k) && k >= 0 && k <= size && x.shape.length > 0) return;
  throw new ShapeError("so many elements do not exist", {
    where: "topK",
    expected: `an integer from 0 to ${size}, the size of the last axis`,
    got: describeArgument(k),
  });
}

/**
 * Keys sorted stably along `axis`, and values in the same order. `jax.lax.sort_key_val`.
 *
 * @example
 * import { sortKeyValue } from "reformax/lax";
 * const [keys, values] = sortKeyValue([3, 1, 2], [30, 10, 20]);
 * console.log(keys.toArray(), values.toArray()); // => [ 1, 2, 3 ] [ 10, 20, 30 ]
 */
export function sortKeyValue(keys: ArrayLike, values: ArrayLike, axis = -1): [Value, Value] {
  const given = toValue(keys, "sortKeyValue");
  const paired = toValue(values, "sortKeyValue");
  const along = normalizeAxis(axis, given.shape.length, "sortKeyValue");
  const comparable = toNumeric(moveaxis(given, along, -1), "sortKeyValue");
  const [sorted, order] = ops.bindNamed("sort", [comparable]);
  const elements = given.dtype === "bool" ? ops.convert(sorted, "bool") : sorted;
  return [moveaxis(elements, -1, along), takeAlongAxis(paired, moveaxis(order, -1, along), along)];
}
