import { checkDType, type DType } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { customJvp, jit } from "../transforms/index.ts";
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
export const rsqrt = (x: ArrayLike): Value => inverseRoot(toFloat(x, "rsqrt"));

/** The slope is written in terms of the result: the derivative of a quotient has the wrong sign at -0. */
const inverseRootRule: (x: Value) => Value = customJvp(
  (x: Value) => ops.div(ops.fullLike(x, 1), ops.sqrt(x)),
  ([x], [direction]) => {
    const root = inverseRootRule(x);
    return [root, ops.mul(direction, ops.scale(ops.div(root, x), -0.5))];
  },
);

const inverseRoot = jit(inverseRootRule, { name: "rsqrt" });

/**
 * `x` limited to [low, high]; the gradient of f32 is 0 for all three at the bounds themselves, where
 * `numpy.clip` shares it. `jax.lax.clamp`.
 *
 * @example
 * import { clamp } from "reformax/lax";
 * console.log(clamp(0, [-1, 0.5, 2], 1).toArray()); // => [ 0, 0.5, 1 ]
 */
export function clamp(low: ArrayLike, x: ArrayLike, high: ArrayLike): Value {
  const [least, value, largest] = promoteAndBroadcast([low, x, high], "clamp");
  return value.dtype === "f32" ? clampFloats(least, value, largest) : clip(value, least, largest);
}

const clampRule: (low: Value, x: Value, high: Value) => Value = customJvp(
  (low: Value, x: Value, high: Value) => ops.min(ops.max(low, x), high),
  ([low, x, high], [dLow, dx, dHigh]) => {
    const zero = ops.zerosLike(x);
    const share = (strictly: Value, tangent: Value): Value => ops.select(strictly, tangent, zero);
    const ofLow = share(ops.and(ops.gt(low, x), ops.lt(low, high)), dLow);
    const ofX = share(ops.and(ops.gt(x, low), ops.lt(x, high)), dx);
    const ofHigh = share(ops.lt(high, x), dHigh);
    return [clampRule(low, x, high), ops.add(ops.add(ofLow, ofX), ofHigh)];
  },
);

const clampFloats = jit(clampRule, { name: "clamp" });

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
  ops.bitcast(toValue(x, "bitcastConvertType"), checkDType(dtype, "bitcastConvertType"));

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
