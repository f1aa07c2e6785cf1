import { checkList, checkOptions, checkParts } from "../core/arguments.ts";
import { checkWhole } from "../core/whole.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, sizeOf } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, toValueOf, type ArrayLike } from "../array/array-like.ts";
import { tableOf } from "./embedding.ts";
import { toIndices } from "../array/indices.ts";
import { expandDims, reshape } from "../numpy/axes.ts";
import { concatenate, stack } from "../numpy/join.ts";

export interface LearnedPositionParams {
  /** f32[longest, width] */
  readonly table: Value;
}

/**
 * One learned vector per position: f32[..., width] for i32 positions[...].
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { learnedPositions } from "reformax/nn";
 * console.log(learnedPositions({ table: array([[1], [2], [3]]) }, [2, 0]).toArray()); // => [ [ 3 ], [ 1 ] ]
 */
export const learnedPositions = (params: LearnedPositionParams, positions: ArrayLike): Value =>
  ops.gather(tableOf(params, "learnedPositions"), toIndices(positions, "learnedPositions"));

export interface AxialPositionParams {
  /** f32[size_i, width_i] per axis, the slowest first; their sizes multiply to the longest length. */
  readonly tables: readonly Value[];
}

/** How the vectors of the axes become one: side by side, or added (widths must be equal). */
export type AxialCombination = "concatenate" | "sum";

/**
 * Axial position embeddings: position p is a cell of a grid with the tables' sizes (row-major), and
 * gets the vectors of its coordinates. Any length up to the grid's size works. Kitaev et al. 2020,
 * the authors' code; Ho et al. 2019.
 *
 * @throws ShapeError without tables, or when the widths do not add up
 * @example
 * import { arange, array } from "reformax/numpy";
 * import { axialPositions } from "reformax/nn";
 * const tables = [array([[1], [2]]), array([[10], [20], [30]])];
 * console.log(axialPositions({ tables }, arange(4)).toArray()); // => [ [ 1, 10 ], [ 1, 20 ], [ 1, 30 ], [ 2, 10 ] ]
 */
export function axialPositions(
  params: AxialPositionParams,
  positions: ArrayLike,
  combination: AxialCombination = "concatenate",
): Value {
  const where = "axialPositions";
  const { tables: given } = checkParts(params, ["tables"], "params", where);
  const tables = checkList(given, "tables", where).map((table) => toValue(table, where));
  if (tables.length === 0) {
    throw new ShapeError("no tables", { where, expected: "one per axis", got: "[]" });
  }
  checkOptions({ combination }, { combination: ["concatenate", "sum"] }, where);
  const cells = toIndices(positions, "axialPositions");
  const sizes = tables.map((table) => table.shape[0]);
  const vectors = tables.map((table, axis) =>
    ops.gather(table, coordinate(cells, sizes[axis], sizeOf(sizes.slice(axis + 1)), axis === 0)),
  );
  if (combination === "concatenate") return concatenate(vectors, -1);
  if (tables.some((table) => table.shape[1] !== tables[0].shape[1])) {
    throw new ShapeError("tables to be added must have one width", {
      where: "axialPositions",
      got: tables.map((table) => formatShape(table.shape)).join(", "),
    });
  }
  return vectors.reduce((x, y) => ops.add(x, y));
}

/** floor(cell / stride) mod size; the slowest axis needs no mod. */
function coordinate(cells: Value, size: number, stride: number, slowest: boolean): Value {
  const quotient = stride === 1 ? cells : ops.div(cells, ops.fullLike(cells, stride));
  return slowest ? quotient : ops.rem(quotient, ops.fullLike(quotient, size));
}

export interface SinusoidOptions {
  /** Ratio of the longest wavelength to the shortest. Default 10000. */
  readonly base?: number;
  /** Sines and cosines in turn (default), or all sines before all cosines. */
  readonly layout?: "interleaved" | "halves";
}

/**
 * Fixed sinusoids: sin(p base^(-2i/width)) and cos of the same, f32[..., width] for
 * positions[...]. Vaswani et al. 2017, section 3.5.
 *
 * @throws ShapeError when the width is odd
 * @example
 * import { sinusoids } from "reformax/nn";
 * console.log(sinusoids([0], 4).toArray()); // => [ [ 0, 1, 0, 1 ] ]
 */
export function sinusoids(
  positions: ArrayLike,
  width: number,
  options: SinusoidOptions = {},
): Value {
  const { base = 10000, layout = "interleaved" } = checkOptions(
    options,
    { base: "number", layout: ["interleaved", "halves"] },
    "sinusoids",
  );
  if (checkWhole(width, "the width", "sinusoids", 0) % 2 !== 0) {
    throw new ShapeError("the width must be even", {
      where: "sinusoids",
      expected: "an even number",
      got: String(width),
    });
  }
  const p = expandDims(toValueOf(positions, "f32", "sinusoids"), -1);
  const shape = [...p.shape.slice(0, -1), width / 2];
  const exponents = ops.scale(ops.iota("f32", shape, shape.length - 1), -2 / width);
  const frequencies = ops.pow(ops.fullLike(exponents, base), exponents);
  const angles = ops.mul(
    ops.broadcastInDim(
      p,
      shape,
      shape.map((_, axis) => axis),
    ),
    frequencies,
  );
  const waves = [ops.sin(angles), ops.cos(angles)];
  if (layout === "halves") return concatenate(waves, -1);
  return reshape(stack(waves, -1), [...shape.slice(0, -1), width]);
}
