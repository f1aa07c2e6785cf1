import { broadcastShapes, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { flattened, moveaxis } from "./axes.ts";
import { stretch } from "../array/promote.ts";
import { toPositions } from "../array/indices.ts";

/**
 * The slices of `x` along `axis` at `indices`, whose axes take that axis' place; without an axis
 * `x` is flattened first. Negative indices count from the end; those beyond the ends give the
 * nearest slice (JAX: `mode="clip"` with negative indices allowed). `jax.numpy.take`.
 *
 * @example
 * import { take } from "reformax/numpy";
 * console.log(take([[1, 2], [3, 4]], [1, 0], 0).toArray()); // => [ [ 3, 4 ], [ 1, 2 ] ]
 */
export function take(x: ArrayLike, indices: ArrayLike, axis?: number): Value {
  const value = axis === undefined ? flattened(x, "take") : toValue(x, "take");
  const along = normalizeAxis(axis === undefined ? 0 : axis, value.shape.length, "take");
  const positions = toPositions(indices, value.shape[along], "take");
  return gatherAlong(value, positions, along);
}

/** `x` at i32 positions along `axis`; the axes of the positions take its place. */
export function gatherAlong(x: Value, positions: Value, axis: number): Value {
  const gathered = ops.gather(moveaxis(x, axis, 0), positions);
  const rank = positions.shape.length;
  const order = Array.from({ length: rank }, (_, i) => i);
  return moveaxis(
    gathered,
    order,
    order.map((i) => i + axis),
  );
}

/**
 * For each position of `indices` the element of `x` at that index along `axis`; the other axes
 * agree or broadcast. Inverse of argsort's view: `takeAlongAxis(x, argsort(x), -1)` is `sort(x)`.
 * `jax.numpy.take_along_axis`.
 *
 * @example
 * import { takeAlongAxis } from "reformax/numpy";
 * console.log(takeAlongAxis([[1, 2], [3, 4]], [[1], [0]], 1).toArray()); // => [ [ 2 ], [ 3 ] ]
 */
export function takeAlongAxis(x: ArrayLike, indices: ArrayLike, axis: number): Value {
  const value = toValue(x, "takeAlongAxis");
  const along = normalizeAxis(axis, value.shape.length, "takeAlongAxis");
  const positions = toPositions(indices, value.shape[along], "takeAlongAxis");
  const source = moveaxis(value, along, -1);
  const wanted = moveaxis(positions, along, -1);
  const outer = broadcastShapes(
    [source.shape.slice(0, -1), wanted.shape.slice(0, -1)],
    "takeAlongAxis",
  );
  const gathered = ops.gather(
    stretch(source, [...outer, source.shape[outer.length]]),
    stretch(wanted, [...outer, wanted.shape[outer.length]]),
    outer.length,
  );
  return moveaxis(gathered, -1, along);
}
