import { checkList } from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { checkWhole } from "../core/whole.ts";
import { ShapeError } from "../core/errors.ts";
import { normalizeAxes, normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, toValueOf, type ArrayLike } from "../array/array-like.ts";
import { flattened, reshape } from "./axes.ts";
import { sliceAxis } from "./join.ts";

/**
 * The order of the elements reversed along the given axes (all by default). `jax.numpy.flip`.
 *
 * @example
 * import { flip } from "reformax/numpy";
 * console.log(flip([1, 2, 3]).toArray()); // => [ 3, 2, 1 ]
 */
export function flip(x: ArrayLike, axis?: number | readonly number[]): Value {
  const value = toValue(x, "flip");
  const axes = normalizeAxes(axis, value.shape.length, "flip");
  return axes.length === 0 ? value : ops.reverse(value, axes);
}

/**
 * Elements moved `shift` places towards the end of `axis`, those that fall off re-entering at the
 * start; without an axis `x` is rolled as if flat. `jax.numpy.roll`.
 *
 * @example
 * import { roll } from "reformax/numpy";
 * console.log(roll([1, 2, 3, 4], 1).toArray()); // => [ 4, 1, 2, 3 ]
 */
export function roll(x: ArrayLike, shift: number, axis?: number): Value {
  const value = toValue(x, "roll");
  checkWhole(shift, "the shift", "roll");
  if (axis === undefined) return reshape(roll(flattened(value, "roll"), shift, 0), value.shape);
  const along = normalizeAxis(axis, value.shape.length, "roll");
  const size = value.shape[along];
  const offset = size === 0 ? 0 : ((shift % size) + size) % size;
  if (offset === 0) return value;
  const cut = size - offset;
  return ops.concatenate(
    [sliceAxis(value, along, cut, size), sliceAxis(value, along, 0, cut)],
    along,
  );
}

/**
 * Every element `count` times in a row along `axis`; without an axis `x` is flattened.
 * `jax.numpy.repeat`.
 *
 * @example
 * import { repeat } from "reformax/numpy";
 * console.log(repeat([1, 2], 2).toArray()); // => [ 1, 1, 2, 2 ]
 */
export function repeat(x: ArrayLike, count: number, axis?: number): Value {
  const value = axis === undefined ? flattened(x, "repeat") : toValue(x, "repeat");
  checkWhole(count, "the count", "repeat", 0);
  const along = normalizeAxis(axis === undefined ? 0 : axis, value.shape.length, "repeat");
  const widened = [...value.shape.slice(0, along + 1), count, ...value.shape.slice(along + 1)];
  const axes = value.shape.map((_, i) => (i <= along ? i : i + 1));
  return reshape(
    ops.broadcastInDim(value, widened, axes),
    value.shape.map((n, i) => (i === along ? n * count : n)),
  );
}

/**
 * `x` laid side by side `repetitions[i]` times along axis i; a shorter list or shape is filled with
 * ones in front. `jax.numpy.tile`.
 *
 * @example
 * import { tile } from "reformax/numpy";
 * console.log(tile([1, 2], [2, 2]).toArray()); // => [ [ 1, 2, 1, 2 ], [ 1, 2, 1, 2 ] ]
 */
export function tile(x: ArrayLike, repetitions: number | readonly number[]): Value {
  const value = toValue(x, "tile");
  const given =
    typeof repetitions === "number"
      ? [repetitions]
      : checkList(repetitions, "the list of repetitions", "tile");
  for (const count of given) checkWhole(count, "a repetition", "tile", 0);
  const rank = Math.max(given.length, value.shape.length);
  const counts = fillFront(given, rank);
  const sizes = fillFront(value.shape, rank);
  const interleaved = counts.flatMap((count, i) => [count, sizes[i]]);
  const axes = value.shape.map((_, i) => 2 * (i + rank - value.shape.length) + 1);
  return reshape(
    ops.broadcastInDim(value, interleaved, axes),
    sizes.map((n, i) => n * counts[i]),
  );
}

const fillFront = (list: readonly number[], rank: number): number[] => [
  ...Array.from({ length: rank - list.length }, () => 1),
  ...list,
];

/** How much to add before and after: for all axes, the same pair for all, or a pair per axis. */
export type PadWidths = number | readonly [number, number] | readonly (readonly [number, number])[];

/**
 * `x` with `widths` elements of `value` (0 by default) around it. `jax.numpy.pad` in constant mode.
 *
 * @throws ShapeError when the number of pairs is not the rank
 * @example
 * import { pad } from "reformax/numpy";
 * console.log(pad([1, 2], [1, 2]).toArray()); // => [ 0, 1, 2, 0, 0 ]
 */
export function pad(x: ArrayLike, widths: PadWidths, value: ArrayLike = 0): Value {
  const array = toValue(x, "pad");
  const pairs = widthPairs(widths, array.shape.length);
  const filler = toValueOf(value, array.dtype, "pad");
  return ops.pad(
    array,
    filler,
    pairs.map(([low]) => low),
    pairs.map(([, high]) => high),
  );
}

function widthPairs(widths: PadWidths, rank: number): readonly (readonly [number, number])[] {
  const pairs =
    typeof widths === "number"
      ? sameForAll([widths, widths], rank)
      : isPair(widths)
        ? sameForAll(widths, rank)
        : checkList<readonly [number, number]>(widths, "the list of widths", "pad");
  const numbers = pairs.flat();
  if (pairs.length !== rank || numbers.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ShapeError("wrong widths", {
      where: "pad",
      expected: `${rank} pairs of non-negative integers`,
      got: describeArgument(numbers),
    });
  }
  return pairs;
}

const sameForAll = (pair: readonly [number, number], rank: number): (readonly [number, number])[] =>
  Array.from({ length: rank }, () => pair);

const isPair = (widths: readonly unknown[]): widths is readonly [number, number] =>
  Array.isArray(widths) && widths.length === 2 && typeof widths[0] === "number";
