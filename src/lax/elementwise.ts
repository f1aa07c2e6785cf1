import type { DType } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { clip, where } from "../numpy/index.ts";
import { promoteAndBroadcast, requireInteger, toFloat } from "../array/promote.ts";

/**
 * The error function. `jax.lax.erf`.
 *
 * @example
 * import { erf } from "reformax/lax";
 * console.log(erf(0).item()); // => 0
 */
export const erf = (x: ArrayLike): Value => ops.erf(toFloat(x, "erf"));

/**
 * The inverse of {@link erf} on (-1, 1); infinite at the ends. `jax.lax.erf_inv`.
 *
 * @example
 * import { erfInv } from "reformax/lax";
 * console.log(erfInv(0).item()); // => 0
 */
export const erfInv = (x: ArrayLike): Value => ops.erfInv(toFloat(x, "erfInv"));

/**
 * 1 / (1 + e^-x). `jax.lax.logistic`.
 *
 * @example
 * import { logistic } from "reformax/lax";
 * console.log(logistic(0).item()); // => 0.5
 */
export const logistic = (x: ArrayLike): Value => ops.logistic(toFloat(x, "logistic"));

/**
 * 1 / sqrt(x), as a division after a correctly rounded root. `jax.lax.rsqrt`.
 *
 * @example
 * import { rsqrt } from "reformax/lax";
 * console.log(rsqrt(4).item()); // => 0.5
 */
export function rsqrt(x: ArrayLike): Value {
  const value = toFloat(x, "rsqrt");
  return ops.div(ops.fullLike(value, 1), ops.sqrt(value));
}

/**
 * `x` limited to [low, high]. `jax.lax.clamp`.
 *
 * @example
 * import { clamp } from "reformax/lax";
 * console.log(clamp(0, [-1, 0.5, 2], 1).toArray()); // => [ 0, 0.5, 1 ]
 */
export const clamp = (low: ArrayLike, x: ArrayLike, high: ArrayLike): Value => clip(x, low, high);

/**
 * `onTrue` where `which` holds, else `onFalse`. `jax.lax.select`, which `numpy.where` also does.
 *
 * @example
 * import { select } from "reformax/lax";
 * console.log(select([true, false], [1, 2], [3, 4]).toArray()); // => [ 1, 4 ]
 */
export const select = (which: ArrayLike, onTrue: ArrayLike, onFalse: ArrayLike): Value =>
  where(which, onTrue, onFalse);

/**
 * `x` in another element type: f32 to integers truncates and saturates, NaN gives 0; numbers to
 * bool test for nonzero. `jax.lax.convert_element_type`.
 *
 * @throws DTypeError for fixed point: use {@link toFixed} and {@link fromFixed}
 * @example
 * import { convertElementType } from "reformax/lax";
 * console.log(convertElementType([1.5, -1.5], "i32").toArray()); // => [ 1, -1 ]
 */
export { astype as convertElementType } from "../numpy/array.ts";

/**
 * The same 32-bit words read as another dtype (f32, i32 or u32). `jax.lax.bitcast_convert_type`.
 *
 * @example
 * import { bitcastConvertType } from "reformax/lax";
 * console.log(bitcastConvertType(1, "u32").item()); // => 1065353216
 */
export const bitcastConvertType = (x: ArrayLike, dtype: DType): Value =>
  ops.bitcast(toValue(x, "bitcastConvertType"), dtype);

/**
 * `x` without a derivative: gradients do not flow through it. `jax.lax.stop_gradient`.
 *
 * @example
 * import { grad, type Value } from "reformax";
 * import { stopGradient } from "reformax/lax";
 * import { array, multiply } from "reformax/numpy";
 * console.log(grad((x: Value) => multiply(x, stopGradient(x)))(array(3)).item()); // => 3
 */
export const stopGradient = (x: ArrayLike): Value => ops.stopGradient(toValue(x, "stopGradient"));

/**
 * Shift to the right that fills with zeros, also for i32. `jax.lax.shift_right_logical`.
 *
 * @example
 * import { shiftRightLogical } from "reformax/lax";
 * import { array } from "reformax/numpy";
 * console.log(shiftRightLogical(array([-1], "i32"), 28).toArray()); // => [ 15 ]
 */
export function shiftRightLogical(x: ArrayLike, bits: ArrayLike): Value {
  const [value, distance] = promoteAndBroadcast([x, bits], "shiftRightLogical");
  return ops.shiftRightLogical(requireInteger(value, "shiftRightLogical"), distance);
}
