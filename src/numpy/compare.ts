import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import * as ops from "../ir/ops.ts";
import type { Binary } from "./arithmetic.ts";
import { broadcastAll, promoteNumeric } from "../array/promote.ts";

/** Compares in the common dtype; bool counts as 0 and 1. NaN equals nothing, itself included. */
const comparison = (where: string, f: (x: Value, y: Value) => Value): Binary =>
  withName(where, (x, y) => {
    const [a, b] = broadcastAll(promoteNumeric([x, y], where), where);
    return f(a, b);
  });

/**
 * x = y, as bool. `jax.numpy.equal`.
 *
 * @example
 * import { equal } from "reformax/numpy";
 * console.log(equal([1, 2], 2).toArray()); // => [ false, true ]
 */
export const equal: Binary = comparison("equal", ops.eq);

/**
 * x differs from y, as bool. `jax.numpy.not_equal`.
 *
 * @example
 * import { notEqual } from "reformax/numpy";
 * console.log(notEqual([1, 2], 2).toArray()); // => [ true, false ]
 */
export const notEqual: Binary = comparison("notEqual", ops.ne);

/**
 * x < y, as bool. `jax.numpy.less`.
 *
 * @example
 * import { less } from "reformax/numpy";
 * console.log(less([1, 2, 3], 2).toArray()); // => [ true, false, false ]
 */
export const less: Binary = comparison("less", ops.lt);

/**
 * x <= y, as bool. `jax.numpy.less_equal`.
 *
 * @example
 * import { lessEqual } from "reformax/numpy";
 * console.log(lessEqual([1, 2, 3], 2).toArray()); // => [ true, true, false ]
 */
export const lessEqual: Binary = comparison("lessEqual", ops.le);

/**
 * x > y, as bool. `jax.numpy.greater`.
 *
 * @example
 * import { greater } from "reformax/numpy";
 * console.log(greater([1, 2, 3], 2).toArray()); // => [ false, false, true ]
 */
export const greater: Binary = comparison("greater", ops.gt);

/**
 * x >= y, as bool. `jax.numpy.greater_equal`.
 *
 * @example
 * import { greaterEqual } from "reformax/numpy";
 * console.log(greaterEqual([1, 2, 3], 2).toArray()); // => [ false, true, true ]
 */
export const greaterEqual: Binary = comparison("greaterEqual", ops.ge);
