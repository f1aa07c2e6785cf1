import { isInteger } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import * as ops from "../ir/ops.ts";
import { jit } from "../transforms/index.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { broadcastAll, promoteAndBroadcast, promoteNumeric } from "../array/promote.ts";

/** An elementwise function of two arrays, with promotion and broadcasting. */
export type Binary = (x: ArrayLike, y: ArrayLike) => Value;

const binary = (where: string, f: (x: Value, y: Value) => Value): Binary =>
  withName(where, (x, y) => {
    const [a, b] = broadcastAll(promoteNumeric([x, y], where), where);
    return f(a, b);
  });

/** {@link binary} for what takes many operations: at once they are one program, not one after the other. */
const compiled = (where: string, f: (x: Value, y: Value) => Value): Binary =>
  binary(where, jit(f, { name: where }));

/** As {@link binary}, but two bools give the bool that `ofBools` makes of them. */
const binaryOrLogical = (
  where: string,
  f: (x: Value, y: Value) => Value,
  ofBools: (x: Value, y: Value) => Value,
): Binary =>
  withName(where, (x, y) => {
    const [a, b] = promoteAndBroadcast([x, y], where);
    return a.dtype === "bool" ? ofBools(a, b) : f(a, b);
  });

/**
 * x + y; integers wrap, and of two bools it is "or". `jax.numpy.add`.
 *
 * @throws ShapeError when the shapes do not broadcast, DTypeError for fixed point
 * @example
 * import { add } from "reformax/numpy";
 * console.log(add([1, 2], 10).toArray()); // => [ 11, 12 ]
 */
export const add: Binary = binaryOrLogical("add", ops.add, ops.or);

/**
 * x - y; integers wrap. `jax.numpy.subtract`.
 *
 * @example
 * import { subtract } from "reformax/numpy";
 * console.log(subtract([5, 7], [1, 2]).toArray()); // => [ 4, 5 ]
 */
export const subtract: Binary = binary("subtract", ops.sub);

/**
 * x * y; integers wrap, and of two bools it is "and". `jax.numpy.multiply`.
 *
 * @example
 * import { multiply } from "reformax/numpy";
 * console.log(multiply([1, 2], [[3], [4]]).toArray()); // => [ [ 3, 6 ], [ 4, 8 ] ]
 */
export const multiply: Binary = binaryOrLogical("multiply", ops.mul, ops.and);

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
 * x / y rounded down, such that x = y floorDivide(x, y) + remainder(x, y): of f32 it is
 * (x - remainder) / y, because x / y may round up to the next integer. Divided by 0, f32 is infinite or
 * NaN, and an i32 -2 (0: -1), which is what JAX makes of all bits set. `jax.numpy.floor_divide`.
 *
 * @example
 * import { array, floorDivide } from "reformax/numpy";
 * console.log(floorDivide(array([7, -7], "i32"), 2).toArray()); // => [ 3, -4 ]
 * console.log(floorDivide(1, 0.1).item()); // => 9
 */
export const floorDivide: Binary = compiled("floorDivide", (x, y) => {
  if (x.dtype === "u32") return ops.div(x, y);
  const rest = ops.rem(x, y);
  const roundedUp = ops.convert(truncatedUp(rest, y), x.dtype);
  if (x.dtype !== "f32") return ops.sub(ops.div(x, y), roundedUp);
  const multiple = ops.select(ops.eq(y, ops.zerosLike(y)), x, ops.sub(x, rest));
  return ops.round(ops.sub(ops.div(multiple, y), roundedUp));
});

/**
 * The remainder of {@link floorDivide}: it has the sign of y. Integers modulo 0 are 0, f32 is NaN.
 * `jax.numpy.remainder`.
 *
 * @example
 * import { array, remainder } from "reformax/numpy";
 * console.log(remainder(array([7, -7], "i32"), 3).toArray()); // => [ 1, 2 ]
 */
export const remainder: Binary = compiled("remainder", (x, y) => {
  const divisor = x.dtype === "f32" ? y : oneWhereZero(y);
  const rest = ops.rem(x, divisor);
  if (x.dtype === "u32") return rest;
  return ops.select(truncatedUp(rest, divisor), ops.add(rest, divisor), rest);
});

/** A nonzero remainder whose sign is not the divisor's: truncation went the other way than floor. */
const truncatedUp = (rest: Value, divisor: Value): Value =>
  ops.and(ops.ne(rest, ops.zerosLike(rest)), ops.ne(ops.sign(rest), ops.sign(divisor)));

const oneWhereZero = (x: Value): Value =>
  ops.select(ops.eq(x, ops.zerosLike(x)), ops.fullLike(x, 1), x);

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
export const maximum: Binary = binaryOrLogical("maximum", ops.max, ops.or);

/**
 * The smaller of x and y; NaN if either is NaN. At ties each gets half the gradient.
 * `jax.numpy.minimum`.
 *
 * @example
 * import { minimum } from "reformax/numpy";
 * console.log(minimum([1, 5], 3).toArray()); // => [ 1, 3 ]
 */
export const minimum: Binary = binaryOrLogical("minimum", ops.min, ops.and);

/**
 * x kept between `low` and `high`; either bound may be undefined. Where low > high the result is
 * high. `jax.numpy.clip`.
 *
 * @example
 * import { clip } from "reformax/numpy";
 * console.log(clip([-5, 0.5, 5], -1, 1).toArray()); // => [ -1, 0.5, 1 ]
 */
export function clip(x: ArrayLike, low?: ArrayLike, high?: ArrayLike): Value {
  const raised = low === undefined ? toValue(x, "clip") : larger(low, x);
  return high === undefined ? raised : smaller(high, raised);
}

const larger = binaryOrLogical("clip", ops.max, ops.or);
const smaller = binaryOrLogical("clip", ops.min, ops.and);
