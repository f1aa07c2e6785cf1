import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";

/**
 * `x`, but in compiled functions it leaves the backend's working memory at once and comes back right before it is read
 * first: in between its memory serves others. For large values that are read much later. Derivatives pass through it and stay where
 * they are. `jit(f).lower(...).report` tells what waits outside as `hostBytes`. In JAX: `jax.device_put` to a
 * pinned host memory and back.
 *
 * @example
 * import { jit, type Value } from "reformax";
 * import { offload } from "reformax/lax";
 * import { array, cumsum, multiply, add } from "reformax/numpy";
 * const f = jit((x: Value) => {
 *   const early = offload(multiply(x, x));
 *   return add(cumsum(cumsum(x)), early);
 * });
 * console.log(f(array([1, 2, 3])).toArray()); // => [ 2, 8, 19 ]
 */
export const offload = (x: ArrayLike): Value => ops.offload(toValue(x, "offload"));
