import { checkDType, type DType } from "../core/dtype.ts";
import { checkShape } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { toIndices } from "../array/indices.ts";

/**
 * 1 at the position that each i32 label[...] names, 0 elsewhere: [..., classes]. Labels outside of
 * [0, classes) give zeros. `jax.nn.one_hot`.
 *
 * @example
 * import { oneHot } from "reformax/nn";
 * console.log(oneHot([2, -1], 3).toArray()); // => [ [ 0, 0, 1 ], [ 0, 0, 0 ] ]
 */
export function oneHot(labels: ArrayLike, classes: number, dtype: DType = "f32"): Value {
  const given = toIndices(labels, "oneHot");
  checkDType(dtype, "oneHot");
  const shape = checkShape([...given.shape, classes], "oneHot");
  const axes = given.shape.map((_, axis) => axis);
  const positions = ops.iota("i32", shape, axes.length);
  return ops.convert(ops.eq(ops.broadcastInDim(given, shape, axes), positions), dtype);
}
