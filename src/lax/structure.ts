import { checkParts } from "../core/arguments.ts";
import { checkWhole, checkWholes } from "../core/whole.ts";
import { checkDType, type DType } from "../core/dtype.ts";
import { checkShape, normalizeAxes, normalizeAxis, type Shape } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import type { ContractSpec } from "../ir/lowering.ts";
import * as ops from "../ir/ops.ts";
import { shapeOf, toValue, toValueOf, type ArrayLike } from "../array/array-like.ts";
import { contract } from "../numpy/contract.ts";
import { promote } from "../array/promote.ts";
import { toIndices } from "../array/indices.ts";

/**
 * 0, 1, 2, ... along one axis of `shape`, the same along the others. `jax.lax.broadcasted_iota`.
 *
 * @example
 * import { iota } from "reformax/lax";
 * console.log(iota("i32", [2, 2], 0).toArray()); // => [ [ 0, 0 ], [ 1, 1 ] ]
 */
export function iota(dtype: DType, shape: Shape | number, axis = 0): Value {
  checkDType(dtype, "iota");
  const sizes = shapeOf(shape, "iota");
  const along = normalizeAxis(axis, sizes.length, "iota");
  return ops.convert(
    ops.iota(dtype === "f32" || dtype === "u32" ? dtype : "i32", sizes, along),
    dtype,
  );
}

/**
 * Operand axis i becomes axis `axes[i]` of the result; sizes 1 stretch; the other axes repeat.
 * `jax.lax.broadcast_in_dim`.
 *
 * @example
 * import { broadcastInDim } from "reformax/lax";
 * console.log(broadcastInDim([1, 2], [2, 2], [0]).toArray()); // => [ [ 1, 1 ], [ 2, 2 ] ]
 */
export const broadcastInDim = (x: ArrayLike, shape: Shape, axes: readonly number[]): Value =>
  ops.broadcastInDim(
    toValue(x, "broadcastInDim"),
    checkShape(shape, "broadcastInDim"),
    checkWholes(axes, "an axis", "broadcastInDim"),
  );

/**
 * `low` and `high` elements of `value` around every axis (negative ones trim) and `interior`
 * between neighbours. `jax.lax.pad`.
 *
 * @example
 * import { pad } from "reformax/lax";
 * console.log(pad([1, 2], 0, [1], [0], [1]).toArray()); // => [ 0, 1, 0, 2 ]
 */
export function pad(
  x: ArrayLike,
  value: ArrayLike,
  low: readonly number[],
  high: readonly number[],
  interior?: readonly number[],
): Value {
  const operand = toValue(x, "pad");
  for (const widths of [low, high, interior === undefined ? [] : interior])
    checkWholes(widths, "a width", "pad");
  return ops.pad(operand, toValueOf(value, operand.dtype, "pad"), low, high, interior);
}

/**
 * Elements in reverse order along the given axes. `jax.lax.rev`.
 *
 * @example
 * import { rev } from "reformax/lax";
 * console.log(rev([1, 2, 3], [0]).toArray()); // => [ 3, 2, 1 ]
 */
export function rev(x: ArrayLike, axes: readonly number[]): Value {
  const value = toValue(x, "rev");
  return ops.reverse(
    value,
    normalizeAxes(checkWholes(axes, "an axis", "rev"), value.shape.length, "rev"),
  );
}

/**
 * Contraction of pairs of axes, with batch axes that both operands share. The result has the batch
 * axes, the free axes of x, the free axes of y. f32 sums run in blocks of 256 along the contracted
 * axis, so their bits depend on its length alone. `jax.lax.dot_general`.
 *
 * @throws ShapeError when paired sizes differ
 * @example
 * import { dotGeneral } from "reformax/lax";
 * const spec = { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [1] };
 * console.log(dotGeneral([[1, 2]], [[3, 4]], spec).toArray()); // => [ [ 11 ] ]
 */
export function dotGeneral(x: ArrayLike, y: ArrayLike, spec: ContractSpec): Value {
  const [a, b] = promote([x, y], "dotGeneral");
  checkParts(spec, specParts, "spec", "dotGeneral");
  for (const part of specParts) checkWholes(spec[part], part, "dotGeneral");
  return contract(a, b, spec);
}

/**
 * Rows of x[batch..., n, inner...] at indices[batch..., m...], clamped to [0, n): the result is
 * [batch..., m..., inner...]. `jax.lax.gather` for whole rows, in clip mode.
 *
 * @example
 * import { gather } from "reformax/lax";
 * import { array } from "reformax/numpy";
 * console.log(gather([[1, 2], [3, 4]], array([1, 1], "i32")).toArray()); // => [ [ 3, 4 ], [ 3, 4 ] ]
 */
export const gather = (x: ArrayLike, indices: ArrayLike, batchDims = 0): Value =>
  ops.gather(
    toValue(x, "gather"),
    toIndices(indices, "gather"),
    checkWhole(batchDims, "batchDims", "gather", 0),
  );

/**
 * x[batch..., n, inner...] plus updates[batch..., m..., inner...] at rows indices[batch..., m...];
 * rows outside of [0, n) are dropped, repeated ones add up in order. `jax.lax.scatter_add`.
 *
 * @example
 * import { scatterAdd } from "reformax/lax";
 * import { array } from "reformax/numpy";
 * console.log(scatterAdd([0, 0], array([1, 1], "i32"), [2, 3]).toArray()); // => [ 0, 5 ]
 */
export function scatterAdd(
  x: ArrayLike,
  indices: ArrayLike,
  updates: ArrayLike,
  batchDims = 0,
): Value {
  const [operand, added] = promote([x, updates], "scatterAdd");
  return ops.scatterAdd(
    operand,
    toIndices(indices, "scatterAdd"),
    added,
    checkWhole(batchDims, "batchDims", "scatterAdd", 0),
  );
}

const specParts = ["lhsBatch", "rhsBatch", "lhsContract", "rhsContract"] as const;
