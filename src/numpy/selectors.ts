import { describeArgument } from "../core/describe-argument.ts";
import { checkWhole } from "../core/whole.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, type Shape } from "../core/shape.ts";
import { isValue, type Value } from "../core/value.ts";

/** A range of positions along one axis, as Python's slice: negative bounds count from the end. */
export interface Slice {
  readonly kind: "slice";
  readonly start: number | undefined;
  readonly stop: number | undefined;
  readonly step: number;
}

/**
 * What stands in a pair of Python's brackets: a position (drops the axis), a {@link Slice}, an
 * integer array (its axes take the place of the axis), `"..."` for as many whole axes as are left,
 * `null` for a new axis of size 1.
 */
export type Selector = number | Slice | Value | "..." | null;

/**
 * The positions start, start + step, ... before stop; `slice()` is a whole axis. Bounds beyond the
 * ends are cut off. Python's `start:stop:step`.
 *
 * @throws ShapeError when step is 0
 * @example
 * import { arange, index, slice } from "reformax/numpy";
 * console.log(index(arange(6), slice(1, 4)).toArray()); // => [ 1, 2, 3 ]
 * console.log(index(arange(6), slice(undefined, undefined, -2)).toArray()); // => [ 5, 3, 1 ]
 */
export function slice(start?: number, stop?: number, step = 1): Slice {
  if (!Number.isInteger(step) || step === 0) {
    throw new ShapeError("invalid step", {
      where: "slice",
      expected: "an integer but 0",
      got: describeArgument(step),
    });
  }
  for (const bound of [start, stop]) {
    if (bound !== undefined) checkWhole(bound, "a bound", "slice");
  }
  return { kind: "slice", start, stop, step };
}

/** What happens to one axis of the operand. */
export type AxisSelection =
  | {
      readonly kind: "range";
      readonly first: number;
      readonly step: number;
      readonly count: number;
      readonly drop: boolean;
    }
  | { readonly kind: "array"; readonly indices: Value; readonly drop: false };

/** Selectors in terms of the operand's axes, and where the result gets new axes of size 1. */
export interface ResolvedSelectors {
  readonly axes: readonly AxisSelection[];
  /** For each axis of the result before arrays are inserted: the operand's axis, or "new". */
  readonly layout: readonly (number | "new")[];
}

/** Expands the ellipsis, fills missing axes with whole ones and checks positions. */
export function resolveSelectors(
  selectors: readonly Selector[],
  shape: Shape,
  where: string,
): ResolvedSelectors {
  const consumed = selectors.filter((s) => s !== "..." && s !== null).length;
  const ellipses = selectors.filter((s) => s === "...").length;
  const missing = shape.length - consumed;
  if (missing < 0 || ellipses > 1) {
    throw new ShapeError(ellipses > 1 ? "more than one ellipsis" : "too many selectors", {
      where,
      expected: `at most ${shape.length} for shape ${formatShape(shape)}`,
      got: String(consumed),
    });
  }
  const whole = Array.from({ length: missing }, () => slice());
  const at = selectors.indexOf("...");
  const expanded: readonly Selector[] =
    at < 0
      ? [...selectors, ...whole]
      : [...selectors.slice(0, at), ...whole, ...selectors.slice(at + 1)];
  const axes: AxisSelection[] = [];
  const layout: (number | "new")[] = [];
  for (const selector of expanded) {
    if (selector === null) layout.push("new");
    else {
      const selection = resolveAxis(selector, shape[axes.length], where);
      if (!selection.drop) layout.push(axes.length);
      axes.push(selection);
    }
  }
  return { axes, layout };
}

function resolveAxis(
  selector: Exclude<Selector, null>,
  size: number,
  where: string,
): AxisSelection {
  if (typeof selector === "number")
    return { kind: "range", first: position(selector, size, where), step: 1, count: 1, drop: true };
  if (isValue(selector)) return { kind: "array", indices: selector, drop: false };
  if (selector === "...") throw new ShapeError("more than one ellipsis", { where });
  if (typeof selector !== "object" || selector.kind !== "slice")
    throw notASelector(selector, where);
  return { kind: "range", ...sliceRange(selector, size), drop: false };
}

const notASelector = (selector: unknown, where: string): ShapeError =>
  new ShapeError("not a selector", {
    where,
    expected: 'a position, a slice, an integer array, "..." or null',
    got: describeArgument(selector),
    fix: Array.isArray(selector)
      ? 'Positions are an array, as in array([0, 1], "i32").'
      : undefined,
  });

function position(index: number, size: number, where: string): number {
  const normalized = index < 0 ? index + size : index;
  if (!Number.isInteger(index) || normalized < 0 || normalized >= size) {
    throw new ShapeError("position out of range", {
      where,
      expected: `an integer from ${-size} to ${size - 1}`,
      got: describeArgument(index),
    });
  }
  return normalized;
}

/** Python's rules for slices: `slice.indices(size)`. */
function sliceRange(
  { start, stop, step }: Slice,
  size: number,
): { first: number; step: number; count: number } {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const bound = (given: number): number =>
    Math.min(high, Math.max(low, given < 0 ? given + size : given));
  const first = start === undefined ? (step > 0 ? low : high) : bound(start);
  const end = stop === undefined ? (step > 0 ? high : low) : bound(stop);
  return { first, step, count: Math.max(0, Math.ceil((end - first) / step)) };
}
