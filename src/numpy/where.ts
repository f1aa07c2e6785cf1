import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { toBool } from "./logical.ts";
import { broadcastAll, promote } from "../array/promote.ts";

/**
 * `onTrue` where `condition` holds, else `onFalse`; all three broadcast. Gradients reach only the
 * chosen side, but a NaN in the derivative of the other side still spoils them: guard its
 * argument with a second `where`. `jax.numpy.where`.
 *
 * @throws ShapeError when the shapes do not broadcast
 * @example
 * import { array, greater, where } from "reformax/numpy";
 * const x = array([-1, 2]);
 * console.log(where(greater(x, 0), x, 0).toArray()); // => [ 0, 2 ]
 */
export function where(condition: ArrayLike, onTrue: ArrayLike, onFalse: ArrayLike): Value {
  const [a, b] = promote([onTrue, onFalse], "where");
  const [which, left, right] = broadcastAll([toBool(condition, "where"), a, b], "where");
  return ops.select(which, left, right);
}
