import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { flattenValues } from "../transforms/flat-function.ts";
import { clip, multiply } from "../numpy/arithmetic.ts";
import { sum } from "../numpy/reduce.ts";
import { mapArrays, stateless, type GradientTransformation } from "./transformation.ts";

/**
 * The root of the sum of the squares of all elements of all arrays. `optax.global_norm`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { globalNorm } from "reformax/optim";
 * console.log(globalNorm({ a: array([3]), b: array([4]) }).item()); // => 5
 */
export function globalNorm(updates: unknown): Value {
  const squares = flattenValues(updates, "globalNorm").leaves.map((update) =>
    sum(ops.mul(update, update)),
  );
  return ops.sqrt(squares.reduce((total, square) => ops.add(total, square), ops.literal(0, "f32")));
}

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
    ...stateless((updates) => {
      const norm = globalNorm(updates);
      const bound = ops.literal(limit, "f32");
      // A NaN norm makes every update NaN: a failure must not look like a small step.
      const factor = ops.select(ops.le(norm, bound), ops.literal(1, "f32"), ops.div(bound, norm));
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
  return stateless((updates) => mapArrays((update) => clip(update, -limit, limit), updates));
}
