import { isInteger } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { broadcastAll, promoteNumeric, toNumeric } from "../array/promote.ts";
import type { ArrayLike } from "../array/array-like.ts";

/** An elementwise function of two arrays, with promotion and broadcasting. */
export type Binary = (x: ArrayLike, y: ArrayLike) => Value;

const binary =
  (where: string, f: (x: Value, y: Value) => Value): Binary =>
  (x, y) => {
    const [a, b] = broadcastAll(promoteNumeric([x, y], where), where);
    return f(a, b);
  };

/**
 * x + y; integers wrap. `jax.numpy.add`.
 *
 * @throws ShapeError when the shapes do not broadcast, DTypeError for fixed point
 * @example
 * import { add } from "reformax/numpy";
 * console.log(add([1, 2], 10).toArray()); // => [ 11, 12 ]
 */
export const add: Binary = binary("add", ops.add);

/**
 * x - y; integers wrap. `jax.numpy.subtract`.
 *
 * @example
 * import { subtract } from "reformax/numpy";
 * console.log(subtract([5, 7], [1, 2]).toArray()); // => [ 4, 5 ]
 */
export const subtract: Binary = binary("subtract", ops.sub);

/**
 * x * y; integers wrap. `jax.numpy.multiply`.
 *
 * @example
 * import { multiply } from "reformax/numpy";
 * console.log(multiply([1, 2], [[3], [4]]).toArray()); // => [ [ 3, 6 ], [ 4, 8 ] ]
 */
export const multiply: Binary = binary("multiply", ops.mul);

/**
 * x / y in f32, also for integers. `jax.numpy.divide`.
 *
 * @example
 * import { divide } from "reformax/numpy";
 * console.log(divide([1, 3], 2).toArray()); // => [ 0.5, 1.5 ]
 */
export const divide: Binary = binary("divide", (x, y) => {
  const [a, b] = isInteger(x.dtype) ? [ops.convert(x, "f32"), ops.convert(y, "f32")] : [x, y];
  return ops.div(a, b);
});

/**
 * x / y rounded down. Integer division by 0 follows the IR: -1 (all bits set). `jax.numpy.floor_divide`.
 *
 * @example
 * import { array, floorDivide } from "reformax/numpy";
 * console.log(floorDivide(array([7, -7], "i32"), 2).toArray()); // => [ 3, -4 ]
 */
export const floorDivide: Binary = binary("floorDivide", (x, y) => {
  if (x.dtype === "f32") return ops.floor(ops.div(x, y));
  const quotient = ops.div(x, y);
  if (x.dtype === "u32") return quotient;
  const roundedUp = signsDiffer(ops.rem(x, y), y);
  return ops.sub(quotient, ops.convert(roundedUp, x.dtype));
});

/**
 * The remainder of {@link floorDivide}: it has the sign of y. `jax.numpy.remainder`.
 *
 * @example
 * import { array, remainder } from "reformax/numpy";
 * console.log(remainder(array([7, -7], "i32"), 3).toArray()); // => [ 1, 2 ]
 */
export const remainder: Binary = binary("remainder", (x, y) => {
  const rest = ops.rem(x, y);
  return x.dtype === "u32" ? rest : ops.select(signsDiffer(rest, y), ops.add(rest, y), rest);
});

/** A nonzero remainder whose sign is not the divisor's: truncation went the other way than floor. */
const signsDiffer = (rest: Value, divisor: Value): Value => {
  const zero = ops.zerosLike(rest);
  return ops.and(ops.ne(rest, zero), ops.xor(ops.lt(rest, zero), ops.lt(divisor, zero)));
};

/**
 * The remainder of truncated division: it has the sign of x. `jax.numpy.fmod`.
 *
 * @example
 * import { array, fmod } from "reformax/numpy";
 * console.log(fmod(array([7, -7], "i32"), 3).toArray()); // => [ 1, -1 ]
 */
export const fmod: Binary = binary("fmod", ops.rem);

/**
 * The larger of x and y; NaN if either is NaN. At ties each gets half the gradient.
 * `jax.numpy.maximum`.
 *
 * @example
 * import { maximum } from "reformax/numpy";
 * console.log(maximum([1, 5], 3).toArray()); // => [ 3, 5 ]
 */
export const maximum: Binary = binary("maximum", ops.max);

/**
 * The smaller of x and y; NaN if either is NaN. At ties each gets half the gradient.
 * `jax.numpy.minimum`.
 *
 * @example
 * import { minimum } from "reformax/numpy";
 * console.log(minimum([1, 5], 3).toArray()); // => [ 1, 3 ]
 */
export const minimum: Binary = binary("minimum", ops.min);

/**
 * x kept between `low` and `high`; either bound may be undefined. Where low > high the result is
 * high. `jax.numpy.clip`.
 *
 * @example
 * import { clip } from "reformax/numpy";
 * console.log(clip([-5, 0.5, 5], -1, 1).toArray()); // => [ -1, 0.5, 1 ]
 */
export function clip(x: ArrayLike, low?: ArrayLike, high?: ArrayLike): Value {
  const raised = low === undefined ? x : maximum(low, x);
  return high === undefined ? toNumeric(raised, "clip") : minimum(high, raised);
}
