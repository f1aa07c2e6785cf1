import { ShapeError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { reshape } from "./axes.ts";
import { resolveSelectors, type AxisSelection, type Selector } from "./selectors.ts";
import { gatherAlong } from "./take.ts";
import { toPositions } from "../array/indices.ts";

export type RangeSelection = Extract<AxisSelection, { kind: "range" }>;

/**
 * The part of `x` that the selectors choose, one per axis; axes without a selector stay whole. At
 * most one selector is an array; its positions are clamped to the axis as in `take`. `x[...]` in
 * Python.
 *
 * @throws ShapeError for positions beyond the ends, or too many selectors
 * @example
 * import { array, index, slice } from "reformax/numpy";
 * const x = array([[1, 2, 3], [4, 5, 6]]);
 * console.log(index(x, 1).toArray()); // => [ 4, 5, 6 ]
 * console.log(index(x, "...", slice(0, 2)).toArray()); // => [ [ 1, 2 ], [ 4, 5 ] ]
 * console.log(index(x, slice(), array([2, 0], "i32")).toArray()); // => [ [ 3, 1 ], [ 6, 4 ] ]
 */
export function index(x: ArrayLike, ...selectors: readonly Selector[]): Value {
  const value = toValue(x, "index");
  const { axes, layout } = resolveSelectors(selectors, value.shape, "index");
  const arrays = axes.flatMap((selection, axis) =>
    selection.kind === "array" ? [{ selection, axis }] : [],
  );
  if (arrays.length > 1) {
    throw new ShapeError("more than one array among the selectors", {
      where: "index",
      fix: "Index in steps, or use takeAlongAxis or lax.gather.",
    });
  }
  const sliced = selectRanges(value, axes);
  const shape = layout.map((axis) => (axis === "new" ? 1 : sliced.shape[axis]));
  if (arrays.length === 0) return reshape(sliced, shape);
  const [{ selection, axis }] = arrays;
  const target = layout.indexOf(axis);
  const positions = toPositions(selection.indices, value.shape[axis], "index");
  return gatherAlong(reshape(sliced, shape), positions, target);
}

/** Slices every axis by its range; axes that are indexed by an array stay whole. */
function selectRanges(x: Value, axes: readonly AxisSelection[]): Value {
  const ranges = axes.map((selection, axis) =>
    selection.kind === "range" ? selection : wholeAxis(x.shape[axis]),
  );
  return takeRanges(x, ranges);
}

const wholeAxis = (size: number): RangeSelection => ({
  kind: "range",
  first: 0,
  step: 1,
  count: size,
  drop: false,
});

function takeRanges(x: Value, ranges: readonly RangeSelection[]): Value {
  const isWhole = ({ first, step, count }: RangeSelection, axis: number): boolean =>
    first === 0 && step === 1 && count === x.shape[axis];
  if (ranges.every(isWhole)) return x;
  const ascending = ranges.map(toAscending);
  const sliced = ops.slice(
    x,
    ascending.map(({ first }) => first),
    ascending.map(({ first, step, count }) =>
      count === 0 ? first : first + (count - 1) * step + 1,
    ),
    ascending.map(({ step }) => step),
  );
  const backwards = backwardAxes(ranges);
  return backwards.length === 0 ? sliced : ops.reverse(sliced, backwards);
}

/** The axes whose range runs from high to low positions. */
export const backwardAxes = (ranges: readonly RangeSelection[]): number[] =>
  ranges.flatMap(({ step }, axis) => (step < 0 ? [axis] : []));

/** The same positions from low to high. */
export function toAscending(range: RangeSelection): RangeSelection {
  if (range.count === 0) return { ...range, first: 0, step: 1 };
  if (range.step > 0) return range;
  return { ...range, first: range.first + (range.count - 1) * range.step, step: -range.step };
}
