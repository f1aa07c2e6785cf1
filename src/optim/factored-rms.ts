import { checkOptions } from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError } from "../core/errors.ts";
import { flatten, unflatten } from "../core/tree.ts";
import { isValue, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { multiply } from "../numpy/arithmetic.ts";
import { mean } from "../numpy/statistics.ts";
import { stretch } from "../array/promote.ts";
import { countFrom, nextCount } from "./count.ts";
import { inverseRoot } from "./root-mean-square.ts";
import { checkedCalls, treeKind, type GradientTransformation } from "./transformation.ts";

export interface FactoredOptions {
  /** The mean of squares keeps the share 1 - t^-exponent of itself in step t. Default 0.8. */
  readonly decayExponent?: number;
  /** Added to squares. Default 1e-30. */
  readonly epsilon?: number;
  /** Whether matrices keep means of rows and columns instead of all squares. Default: yes. */
  readonly factored?: boolean;
  /**
   * Which two axes are rows and columns: the `largest` two (default; optax), or the `last` two (transformers, trax). Those before them are
   * matrices of their own.
   */
  readonly axes?: "largest" | "last";
  /** Only where both axes have this size at least. Default 128, as in optax; transformers and trax factor all matrices, as with 1. */
  readonly leastSize?: number;
}

/** The second moments of one array: factored, or whole. */
export type SecondMoment =
  { readonly row: Value; readonly column: Value } | { readonly whole: Value };

export interface FactoredState {
  /** Steps made so far, i32. */
  readonly count: Value;
  /** A tree like the parameters with a {@link SecondMoment} in place of each array. */
  readonly second: unknown;
}

/**
 * Updates divided by the root of their second moment, which for a matrix is the outer product of the means of its rows and of its
 * columns: n + m numbers are kept instead of n m. Shazeer & Stern 2018, algorithms 1 and 4; `optax.scale_by_factored_rms`.
 *
 * @throws ReformaxError when an option is no such number
 * @example
 * import { array } from "reformax/numpy";
 * import { scaleByFactoredRms } from "reformax/optim";
 * const step = scaleByFactoredRms({ leastSize: 1 });
 * const gradient = array([[1, 2], [2, 4]]);
 * const [updates] = step.update(gradient, step.init(gradient), gradient);
 * console.log(Array.from(updates.dataSync(), (x) => x.toFixed(3))); // => [ '1.000', '1.000', '1.000', '1.000' ]
 */
export function scaleByFactoredRms(
  options: FactoredOptions = {},
): GradientTransformation<FactoredState> {
  const {
    decayExponent = 0.8,
    epsilon = 1e-30,
    factored = true,
    axes = "largest",
    leastSize = 128,
  } = checkOptions(
    options,
    {
      decayExponent: "number",
      epsilon: "number",
      factored: "flag",
      axes: ["largest", "last"],
      leastSize: "number",
    },
    "adafactor",
  );
  checkAtLeast(decayExponent, 0, "the decay's exponent");
  checkAtLeast(epsilon, 0, "epsilon");
  checkAtLeast(leastSize, 0, "the least size");
  const pairOf = ({ shape }: Value): Pair | null =>
    factored ? pairOfAxes(shape, axes, leastSize) : null;

  return checkedCalls<FactoredState>(
    "adafactor",
    {
      init: (params) => ({
        ...countFrom(),
        second: mapLeaves((x) => noSquares(x, pairOf(x)), params),
      }),
      update: (gradients, state) => {
        const { count } = nextCount(state);
        const kept = keptShare(count, decayExponent);
        const { leaves, structure } = flatten<Value>(gradients);
        const before = flatten<SecondMoment>(state.second, isMoment).leaves;
        const second = leaves.map((g, i) =>
          averaged(before[i], squareOf(g, epsilon), pairOf(g), kept),
        );
        const updates = leaves.map((g, i) => scaled(g, second[i], pairOf(g)));
        return [unflatten(structure, updates), { count, second: unflatten(structure, second) }];
      },
    },
    { count: "array", second: treeKind },
  );
}

/** Axes of rows and of columns: means over the other one are kept for each. */
interface Pair {
  readonly row: number;
  readonly column: number;
}

function pairOfAxes(
  shape: readonly number[],
  axes: "largest" | "last",
  leastSize: number,
): Pair | null {
  const rank = shape.length;
  if (rank < 2) return null;
  const order = shape.map((_, axis) => axis);
  // Stable, as numpy sorts so few: of equal axes the later one counts as larger.
  if (axes === "largest") order.sort((a, b) => shape[a] - shape[b]);
  const [row, column] = [order[rank - 2], order[rank - 1]];
  return shape[row] >= leastSize && shape[column] >= leastSize ? { row, column } : null;
}

const without = (shape: readonly number[], axis: number): readonly number[] =>
  shape.filter((_, i) => i !== axis);

function noSquares(x: Value, pair: Pair | null): SecondMoment {
  if (!pair) return { whole: ops.zerosLike(x) };
  const zeros = (axis: number): Value => ops.full(without(x.shape, axis), 0, "f32");
  return { row: zeros(pair.column), column: zeros(pair.row) };
}

/** In step t, i32: 1 - t^-exponent, f32. */
function keptShare(step: Value, exponent: number): Value {
  const t = ops.convert(step, "f32");
  const one = ops.literal(1, "f32");
  return ops.sub(one, ops.pow(t, ops.literal(-exponent, "f32")));
}

const squareOf = (g: Value, epsilon: number): Value =>
  ops.add(ops.mul(g, g), ops.fullLike(g, epsilon));

function averaged(
  moment: SecondMoment,
  square: Value,
  pair: Pair | null,
  kept: Value,
): SecondMoment {
  const fresh = ops.sub(ops.literal(1, "f32"), kept);
  const mix = (before: Value, now: Value): Value =>
    ops.add(multiply(before, kept), multiply(now, fresh));
  if (pair && "row" in moment) {
    const row = mix(moment.row, mean(square, pair.column));
    return { row, column: mix(moment.column, mean(square, pair.row)) };
  }
  if (!pair && "whole" in moment) return { whole: mix(moment.whole, square) };
  throw new ReformaxError("this is no state of this optimiser", {
    where: "adafactor",
    expected: pair ? "means of rows and columns" : "means of all elements",
    got: Object.keys(moment).join(", "),
    fix: "Begin with its init.",
  });
}

/** The gradient over the root of row x column / mean of rows. */
function scaled(g: Value, moment: SecondMoment, pair: Pair | null): Value {
  if ("whole" in moment) return ops.mul(g, inverseRoot(moment.whole));
  if (!pair) return g;
  const { row, column } = moment;
  // Rows stand without the axis of columns.
  const rowAxis = pair.row > pair.column ? pair.row - 1 : pair.row;
  const average = mean(row, rowAxis, { keepDims: true });
  const ofRow = inverseRoot(ops.div(row, stretch(average, row.shape)));
  const along = (x: Value, missing: number): Value =>
    ops.broadcastInDim(
      x,
      g.shape,
      without(
        g.shape.map((_, axis) => axis),
        missing,
      ),
    );
  return ops.mul(ops.mul(g, along(ofRow, pair.column)), along(inverseRoot(column), pair.row));
}

const mapLeaves = <T>(f: (x: Value) => T, params: unknown): unknown => {
  const { leaves, structure } = flatten<Value>(params);
  return unflatten(structure, leaves.map(f));
};

/** What replaced an array: no tree of parameters has an array under these names in its place. */
const isMoment = (node: unknown): boolean =>
  typeof node === "object" &&
  node !== null &&
  (("whole" in node && isValue(node.whole)) || ("row" in node && isValue(node.row)));

function checkAtLeast(value: number, least: number, what: string): void {
  if (typeof value === "number" && value >= least && value < Infinity) return;
  throw new ReformaxError(`${what} is not such a number`, {
    where: "adafactor",
    expected: `a number of ${least} or more`,
    got: describeArgument(value),
  });
}
