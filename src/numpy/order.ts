import { checkOptions } from "../core/arguments.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { moveaxis, ravel, reshape } from "./axes.ts";
import { refuseFixed, toNumeric } from "../array/promote.ts";
import { keepsDims, type ReduceOptions } from "./reduce.ts";

type ArgReduction = (x: ArrayLike, axis?: number, options?: ReduceOptions) => Value;

const argReduction = (where: string, primitive: "argMax" | "argMin"): ArgReduction =>
  withName(where, (x, axis, options) => {
    const keepDims = keepsDims(options, where);
    const value = refuseFixed(toNumeric(x, where), where);
    const source = axis === undefined ? ravel(value) : value;
    const along = axis === undefined ? 0 : normalizeAxis(axis, value.shape.length, where);
    if (source.shape[along] === 0) {
      throw new ShapeError("nothing to choose from", {
        where,
        expected: "an axis of size 1 or more",
        got: formatShape(value.shape),
      });
    }
    const [indices] = ops.bindNamed(primitive, [source], { axis: along });
    if (!keepDims) return indices;
    return reshape(
      indices,
      value.shape.map((n, i) => (axis === undefined || i === along ? 1 : n)),
    );
  });

/**
 * The i32 index of the largest element along `axis` (of all, in row-major order, by default). The
 * lowest index wins ties; NaN counts as largest. `jax.numpy.argmax`.
 *
 * @throws ShapeError when the axis is empty
 * @example
 * import { argmax } from "reformax/numpy";
 * console.log(argmax([[1, 9], [7, 7]], 1).toArray()); // => [ 1, 0 ]
 */
export const argmax: ArgReduction = argReduction("argmax", "argMax");

/**
 * The i32 index of the smallest element along `axis`. The lowest index wins ties; NaN counts as
 * smallest. `jax.numpy.argmin`.
 *
 * @throws ShapeError when the axis is empty
 * @example
 * import { argmin } from "reformax/numpy";
 * console.log(argmin([3, 1, 1]).item()); // => 1
 */
export const argmin: ArgReduction = argReduction("argmin", "argMin");

export interface SortOptions {
  readonly descending?: boolean;
}

/**
 * Sorted along `axis` (the last by default), stably; NaN comes last (first when descending).
 * `jax.numpy.sort`.
 *
 * @example
 * import { sort } from "reformax/numpy";
 * console.log(sort([3, 1, 2]).toArray(), sort([3, 1, 2], -1, { descending: true }).toArray()); // => [ 1, 2, 3 ] [ 3, 2, 1 ]
 */
export const sort = (x: ArrayLike, axis = -1, options?: SortOptions): Value =>
  sortBoth(x, axis, options, "sort")[0];

/**
 * The i32 indices that sort `x` along `axis`; equal elements keep their order, also when
 * descending. `jax.numpy.argsort`.
 *
 * @example
 * import { argsort } from "reformax/numpy";
 * console.log(argsort([3, 1, 2]).toArray()); // => [ 1, 2, 0 ]
 */
export const argsort = (x: ArrayLike, axis = -1, options?: SortOptions): Value =>
  sortBoth(x, axis, options, "argsort")[1];

/** [sorted, indices] along `axis`. */
function sortBoth(x: ArrayLike, axis: number, options: SortOptions = {}, where: string): Value[] {
  const { descending = false } = checkOptions(options, { descending: "flag" }, where);
  const value = refuseFixed(toValue(x, where), where);
  const along = normalizeAxis(axis, value.shape.length, where);
  const last = moveaxis(toNumeric(value, where), along, -1);
  const [sorted, indices] = descending ? sortDescending(last) : ops.bindNamed("sort", [last]);
  const elements = value.dtype === "bool" ? ops.convert(sorted, "bool") : sorted;
  return [elements, indices].map((result) => moveaxis(result, -1, along));
}

/** Ascending order of the reversed row, read backwards: that keeps equal elements in order. */
function sortDescending(x: Value): Value[] {
  const axis = x.shape.length - 1;
  const [sorted, indices] = ops.bindNamed("sort", [ops.reverse(x, [axis])]);
  const original = ops.sub(ops.fullLike(indices, x.shape[axis] - 1), indices);
  return [ops.reverse(sorted, [axis]), ops.reverse(original, [axis])];
}
