import { checkDType, type DType } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import {
  shapeOf,
  toValue,
  toValueOf,
  type ArrayLike,
  type ShapeLike,
} from "../array/array-like.ts";
import { broadcastTo } from "./axes.ts";

/**
 * `value` in every element of `shape`; the dtype is that of the value (f32 for numbers) unless
 * given. An array value is broadcast. `jax.numpy.full`.
 *
 * @example
 * import { full } from "reformax/numpy";
 * console.log(full([2, 2], 7).toArray()); // => [ [ 7, 7 ], [ 7, 7 ] ]
 */
export function full(shape: ShapeLike, value: ArrayLike, dtype?: DType): Value {
  return filled(shape, value, dtype, "full");
}

function filled(
  shape: ShapeLike,
  value: ArrayLike,
  dtype: DType | undefined,
  where: string,
): Value {
  const sizes = shapeOf(shape, where);
  return broadcastTo(
    dtype === undefined ? toValue(value, where) : toValueOf(value, dtype, where),
    sizes,
  );
}

/**
 * Zeros; f32 unless another dtype is given. `jax.numpy.zeros`.
 *
 * @example
 * import { zeros } from "reformax/numpy";
 * console.log(zeros([2]).toArray()); // => [ 0, 0 ]
 */
export const zeros = (shape: ShapeLike, dtype: DType = "f32"): Value =>
  ops.full(shapeOf(shape, "zeros"), 0, checkDType(dtype, "zeros"));

/**
 * Ones; f32 unless another dtype is given. `jax.numpy.ones`.
 *
 * @example
 * import { ones } from "reformax/numpy";
 * console.log(ones(3, "i32").toArray()); // => [ 1, 1, 1 ]
 */
export const ones = (shape: ShapeLike, dtype: DType = "f32"): Value =>
  filled(shape, 1, dtype, "ones");

/**
 * Zeros of the shape and dtype of `x`. `jax.numpy.zeros_like`.
 *
 * @example
 * import { ones, zerosLike } from "reformax/numpy";
 * console.log(zerosLike(ones([2])).toArray()); // => [ 0, 0 ]
 */
export function zerosLike(x: ArrayLike, dtype?: DType): Value {
  const value = toValue(x, "zerosLike");
  return dtype === undefined
    ? ops.zerosLike(value)
    : ops.full(value.shape, 0, checkDType(dtype, "zerosLike"));
}

/**
 * Ones of the shape and dtype of `x` (1.0 for fixed point). `jax.numpy.ones_like`.
 *
 * @example
 * import { onesLike, zeros } from "reformax/numpy";
 * console.log(onesLike(zeros([2])).toArray()); // => [ 1, 1 ]
 */
export function onesLike(x: ArrayLike, dtype?: DType): Value {
  const value = toValue(x, "onesLike");
  return filled(value.shape, 1, dtype === undefined ? value.dtype : dtype, "onesLike");
}

/**
 * `value` in every element, with the shape and (unless given) the dtype of `x`. `jax.numpy.full_like`.
 *
 * @example
 * import { fullLike, zeros } from "reformax/numpy";
 * console.log(fullLike(zeros([2]), 5).toArray()); // => [ 5, 5 ]
 */
export function fullLike(x: ArrayLike, value: ArrayLike, dtype?: DType): Value {
  const model = toValue(x, "fullLike");
  return filled(model.shape, value, dtype === undefined ? model.dtype : dtype, "fullLike");
}
