import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { cond } from "../transforms/cond.ts";
import { flattenValues } from "../transforms/flat-function.ts";
import { clip, multiply } from "../numpy/arithmetic.ts";
import { sum } from "../numpy/reduce.ts";
import { mapArrays, stateless, type GradientTransformation } from "./transformation.ts";

/**
 * The root of the sum of the squares of all elements of all arrays; infinite only where that is beyond f32 itself.
 * `optax.global_norm`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { globalNorm } from "reformax/optim";
 * console.log(globalNorm({ a: array([3]), b: array([4]) }).item()); // => 5
 */
export function globalNorm(updates: unknown): Value {
  const { root, scale } = scaledNorm(updates, "globalNorm");
  return ops.mul(root, scale);
}

/** Bounds of a sum of squares in which none that counts was too small, and none too large, for f32. */
const [least, most] = [2 ** -100, (2 - 2 ** -23) * 2 ** 127];
/** Numbers that are divided by this, and numbers below 2^-50 that are multiplied with it, have squares whose sum is between. */
const far = 2 ** 80;

/**
 * The global norm as `root * scale`. Elements are scaled, by a power of two, only where their squares say that it has to be: the usual
 * norm has the usual bits, and the other one is not computed.
 */
function scaledNorm(
  updates: unknown,
  where: string,
): { readonly root: Value; readonly scale: Value } {
  const { leaves } = flattenValues(updates, where);
  const f32 = (value: number): Value => ops.literal(value, "f32");
  const total = sumOfSquares(leaves);
  const [isSmall, isLarge] = [ops.lt(total, f32(least)), ops.gt(total, f32(most))];
  const scaleFrom = (small: number, large: number): Value =>
    ops.select(isSmall, f32(small), ops.select(isLarge, f32(large), f32(1)));
  const factor = scaleFrom(far, 1 / far);
  const root = cond(
    ops.or(isSmall, isLarge),
    () => ops.sqrt(sumOfSquares(leaves, (update) => multiply(update, factor))),
    () => ops.sqrt(total),
  );
  return { root, scale: scaleFrom(1 / far, far) };
}

/** One array after another, so that no more than one of them is there once more. */
const sumOfSquares = (
  leaves: readonly Value[],
  scaled: (update: Value) => Value = (update) => update,
): Value =>
  leaves
    .map((update) => {
      const x = scaled(update);
      return sum(ops.mul(x, x));
    })
    .reduce((total, square) => ops.add(total, square), ops.literal(0, "f32"));

/**
 * Updates scaled down together where their global norm exceeds `limit`; their direction stays.
 * Pascanu et al. 2013; `optax.clip_by_global_norm`.
 *
 * @throws ReformaxError when the limit is negative or NaN
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { clipByGlobalNorm } from "reformax/optim";
 * const gradients = { a: array([3]), b: array([4]) };
 * const [clipped] = clipByGlobalNorm(2.5).update(gradients, null, gradients);
 * console.log(clipped.a.toArray(), clipped.b.toArray()); // => [ 1.5 ] [ 2 ]
 */
export function clipByGlobalNorm(limit: number): GradientTransformation<null> {
  checkLimit(limit, "clipByGlobalNorm");
  return {
    scope: "tree",
    ...stateless("clipByGlobalNorm", (updates) => {
      const { root, scale } = scaledNorm(updates, "clipByGlobalNorm");
      const bound = ops.literal(limit, "f32");
      // A NaN norm makes every update NaN: a failure must not look like a small step. Divided in two, for norms beyond f32.
      const factor = ops.select(
        ops.le(ops.mul(root, scale), bound),
        ops.literal(1, "f32"),
        ops.div(ops.div(bound, root), scale),
      );
      return mapArrays((update) => multiply(update, factor), updates);
    }),
  };
}

/** A negative limit would turn every update round. */
function checkLimit(limit: number, where: string): void {
  if (typeof limit === "number" && limit >= 0) return;
  throw new ReformaxError("no such limit", {
    where,
    expected: "0 or more",
    got: describeArgument(limit),
  });
}

/**
 * Every element kept between -limit and limit. `optax.clip`.
 *
 * @throws ReformaxError when the limit is negative or NaN
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { clipByValue } from "reformax/optim";
 * console.log(clipByValue(1).update(array([-3, 0.5]), null, array([0, 0]))[0].toArray()); // => [ -1, 0.5 ]
 */
export function clipByValue(limit: number): GradientTransformation<null> {
  checkLimit(limit, "clipByValue");
  return stateless("clipByValue", (updates) =>
    mapArrays((update) => clip(update, -limit, limit), updates),
  );
}
