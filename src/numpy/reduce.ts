import { checkOptions } from "../core/arguments.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, normalizeAxes } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { reshape } from "./axes.ts";
import { toBool } from "./logical.ts";
import { refuseFixed, toNumeric } from "../array/promote.ts";

/** The axes to reduce: one, several, or (undefined) all; negative ones count from the end. */
export type Axes = number | readonly number[] | undefined;

export interface ReduceOptions {
  /** Keep the reduced axes with size 1, so that the result broadcasts against the operand. */
  readonly keepDims?: boolean;
}

/** A function that combines the elements along axes. */
export type Reduction = (x: ArrayLike, axis?: Axes, options?: ReduceOptions) => Value;

/** Whether the options say so. @throws ReformaxError for options that do not exist */
export const keepsDims = (options: ReduceOptions | undefined, where: string): boolean =>
  options !== undefined && (checkOptions(options, { keepDims: "flag" }, where).keepDims ?? false);

type Reducer = (x: Value, axes: readonly number[]) => Value;

function reduction(where: string, prepare: (x: ArrayLike) => Value, reduce: Reducer): Reduction {
  return withName(where, (x, axis, options) => {
    const keepDims = keepsDims(options, where);
    const value = refuseFixed(prepare(x), where);
    const axes = normalizeAxes(axis, value.shape.length, where);
    const reduced = axes.length === 0 ? value : reduce(value, axes);
    return keepDims
      ? reshape(
          reduced,
          value.shape.map((n, i) => (axes.includes(i) ? 1 : n)),
        )
      : reduced;
  });
}

/** Maximum and minimum of nothing do not exist. */
const nonEmpty =
  (where: string, reduce: Reducer): Reducer =>
  (x, axes) => {
    if (axes.some((axis) => x.shape[axis] === 0)) {
      throw new ShapeError("nothing to choose from", {
        where,
        expected: "reduced axes of size 1 or more",
        got: formatShape(x.shape),
      });
    }
    return reduce(x, axes);
  };

/**
 * The sum of the elements along `axis` (all by default); bool counts in i32. f32 sums combine in a
 * fixed tree, so that they have the same bits everywhere. `jax.numpy.sum`.
 *
 * @example
 * import { sum } from "reformax/numpy";
 * console.log(sum([[1, 2], [3, 4]]).item()); // => 10
 * console.log(sum([[1, 2], [3, 4]], 0).toArray()); // => [ 4, 6 ]
 * console.log(sum([[1, 2], [3, 4]], -1, { keepDims: true }).shape); // => [ 2, 1 ]
 */
export const sum: Reduction = reduction("sum", (x) => toNumeric(x, "sum"), ops.reduceSum);

/**
 * The product of the elements along `axis`. `jax.numpy.prod`.
 *
 * @example
 * import { prod } from "reformax/numpy";
 * console.log(prod([1, 2, 3, 4]).item()); // => 24
 */
export const prod: Reduction = reduction("prod", (x) => toNumeric(x, "prod"), ops.reduceProduct);

/**
 * The largest element along `axis`; NaN if there is one. `jax.numpy.max`.
 *
 * @throws ShapeError when a reduced axis is empty
 * @example
 * import { max } from "reformax/numpy";
 * console.log(max([[1, 5], [3, 2]], 1).toArray()); // => [ 5, 3 ]
 */
export const max: Reduction = reduction(
  "max",
  (x) => toValue(x, "max"),
  nonEmpty("max", (x, axes) =>
    x.dtype === "bool" ? ops.reduceOr(x, axes) : ops.reduceMax(x, axes),
  ),
);

/**
 * The smallest element along `axis`; NaN if there is one. `jax.numpy.min`.
 *
 * @throws ShapeError when a reduced axis is empty
 * @example
 * import { min } from "reformax/numpy";
 * console.log(min([[1, 5], [3, 2]], 1).toArray()); // => [ 1, 2 ]
 */
export const min: Reduction = reduction(
  "min",
  (x) => toValue(x, "min"),
  nonEmpty("min", (x, axes) =>
    x.dtype === "bool" ? ops.reduceAnd(x, axes) : ops.reduceMin(x, axes),
  ),
);

/**
 * Whether all elements along `axis` hold (are nonzero); true for none. `jax.numpy.all`.
 *
 * @example
 * import { all } from "reformax/numpy";
 * console.log(all([[true, false], [true, true]], 1).toArray()); // => [ false, true ]
 */
export const all: Reduction = reduction("all", (x) => toBool(x, "all"), ops.reduceAnd);

/**
 * Whether any element along `axis` holds (is nonzero); false for none. `jax.numpy.any`.
 *
 * @example
 * import { any } from "reformax/numpy";
 * console.log(any([[true, false], [false, false]], 1).toArray()); // => [ true, false ]
 */
export const any: Reduction = reduction("any", (x) => toBool(x, "any"), ops.reduceOr);
