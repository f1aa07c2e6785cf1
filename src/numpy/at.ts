import { ShapeError } from "../core/errors.ts";
import { sizeOf } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, toValueOf, type ArrayLike } from "../array/array-like.ts";
import { broadcastTo, moveaxis, reshape } from "./axes.ts";
import { backwardAxes, index, toAscending, type RangeSelection } from "./indexing.ts";
import { resolveSelectors, type AxisSelection, type Selector } from "./selectors.ts";
import { toPositions } from "../array/indices.ts";

/** A part of an array, to be read or replaced; the array itself never changes. */
export interface Place {
  /** The part: `index(x, ...selectors)`. */
  get(): Value;
  /** A copy of the array with the part replaced by `value`, which is broadcast to it. */
  set(value: ArrayLike): Value;
  /** A copy of the array with `value` added to the part; repeated positions add up. */
  add(value: ArrayLike): Value;
}

/**
 * The part of `x` that the selectors choose, for functional updates. `x.at[...]` in JAX.
 *
 * Integer arrays among the selectors are possible for `get` and `add`, and positions beyond the
 * ends are then dropped by `add`.
 *
 * @throws ShapeError when a value does not fit, or an array is a selector of `set`
 * @example
 * import { at, slice, zeros } from "reformax/numpy";
 * console.log(at(zeros([4]), slice(1, 3)).set(7).toArray()); // => [ 0, 7, 7, 0 ]
 * console.log(at(zeros([2, 2]), 0).add([1, 2]).toArray()); // => [ [ 1, 2 ], [ 0, 0 ] ]
 */
export function at(x: ArrayLike, ...selectors: readonly Selector[]): Place {
  const value = toValue(x, "at");
  resolveSelectors(selectors, value.shape, "at");
  return {
    get: () => index(value, ...selectors),
    set: (update) => setPart(value, selectors, update),
    add: (update) => addToPart(value, selectors, update),
  };
}

function setPart(x: Value, selectors: readonly Selector[], update: ArrayLike): Value {
  const { axes, layout } = resolveSelectors(selectors, x.shape, "at.set");
  const ranges = axes.map((selection) => requireRange(selection));
  const part = placeUpdate(toValueOf(update, x.dtype, "at.set"), ranges, layout);
  const ascending = ranges.map(toAscending);
  if (sizeOf(part.shape) === 0) return x;
  if (ascending.every(({ step }) => step === 1)) {
    return ops.dynamicUpdateSlice(
      x,
      part,
      ascending.map(({ first }) => ops.literal(first, "i32")),
    );
  }
  const chosen = spread(ops.full(part.shape, 1, "bool"), x, ascending);
  return ops.select(chosen, spread(part, x, ascending), x);
}

function addToPart(x: Value, selectors: readonly Selector[], update: ArrayLike): Value {
  const { axes, layout } = resolveSelectors(selectors, x.shape, "at.add");
  const value = toValueOf(update, x.dtype, "at.add");
  const arrayAxis = axes.findIndex(({ kind }) => kind === "array");
  if (arrayAxis >= 0) return addAtIndices(x, axes, arrayAxis, value);
  const ranges = axes.map((selection) => requireRange(selection));
  const part = placeUpdate(value, ranges, layout);
  return ops.add(x, spread(part, x, ranges.map(toAscending)));
}

/** The update in the operand's axes: broadcast to the chosen part, and in ascending order. */
function placeUpdate(
  update: Value,
  ranges: readonly RangeSelection[],
  layout: readonly (number | "new")[],
): Value {
  const shape = layout.map((axis) => (axis === "new" ? 1 : ranges[axis].count));
  const part = reshape(
    broadcastTo(update, shape),
    ranges.map(({ count }) => count),
  );
  const backwards = backwardAxes(ranges);
  return backwards.length === 0 ? part : ops.reverse(part, backwards);
}

/** `part` at its positions in zeros of the shape of `x`. */
function spread(part: Value, x: Value, ranges: readonly RangeSelection[]): Value {
  const low = ranges.map(({ first }) => first);
  const covered = ranges.map(({ step, count }) => (count === 0 ? 0 : (count - 1) * step + 1));
  const high = x.shape.map((n, axis) => n - low[axis] - covered[axis]);
  const interior = ranges.map(({ step }) => step - 1);
  return ops.pad(part, ops.literal(0, part.dtype), low, high, interior);
}

function addAtIndices(
  x: Value,
  axes: readonly AxisSelection[],
  axis: number,
  update: Value,
): Value {
  const selection = axes[axis];
  const othersWhole = axes.every(
    (other, i) =>
      i === axis ||
      (other.kind === "range" && !other.drop && other.step === 1 && other.count === x.shape[i]),
  );
  if (selection.kind !== "array" || !othersWhole) {
    throw new ShapeError("an array must be the only selector", {
      where: "at.add",
      fix: "Select whole axes beside it, or use lax.scatterAdd.",
    });
  }
  const positions = toPositions(selection.indices, x.shape[axis], "at.add");
  const shape = [...x.shape.slice(0, axis), ...positions.shape, ...x.shape.slice(axis + 1)];
  const rows = positions.shape.map((_, i) => i);
  const updates = moveaxis(
    broadcastTo(update, shape),
    rows.map((i) => i + axis),
    rows,
  );
  return moveaxis(ops.scatterAdd(moveaxis(x, axis, 0), positions, updates), 0, axis);
}

function requireRange(selection: AxisSelection): RangeSelection {
  if (selection.kind === "range") return selection;
  throw new ShapeError("an array cannot be a selector here", {
    where: "at.set",
    fix: "Repeated positions have no defined order: use where, or at(...).add.",
  });
}
