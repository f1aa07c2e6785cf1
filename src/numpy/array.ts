import { checkDType, type DType } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, toValueOf, type ArrayLike } from "../array/array-like.ts";
import { refuseFixed } from "../array/promote.ts";

/**
 * An array from numbers, nested or typed arrays, or another array. Numbers become f32 unless a
 * dtype is given, booleans bool, typed arrays keep their type. `jax.numpy.array`.
 *
 * @throws ShapeError when nested rows differ in length
 * @throws DTypeError when a number is not a value of the dtype
 * @example
 * import { array } from "reformax/numpy";
 * console.log(array([[1, 2], [3, 4]]).shape); // => [ 2, 2 ]
 * console.log(array([1, 2], "i32").toArray()); // => [ 1, 2 ]
 */
export function array(data: ArrayLike, dtype?: DType): Value {
  return dtype === undefined ? toValue(data, "array") : toValueOf(data, dtype, "array");
}

/**
 * `x` in another element type: f32 to integers truncates and saturates, numbers to bool test for
 * nonzero. Fixed point converts with `lax.toFixed` and `lax.fromFixed`. `jax.numpy.astype`.
 *
 * @throws DTypeError for fixed point
 * @example
 * import { array, astype } from "reformax/numpy";
 * console.log(astype(array([1.7, -2.5]), "i32").toArray()); // => [ 1, -2 ]
 */
export const astype = (x: ArrayLike, dtype: DType): Value =>
  ops.convert(refuseFixed(toValue(x, "astype"), "astype"), checkDType(dtype, "astype"));
