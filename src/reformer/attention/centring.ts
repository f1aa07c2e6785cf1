import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";

/**
 * What vectors f32[N, L, width] differ by from the mean of all real ones up to and with their own: a token's result depends
 * on no later one. Vectors with a large common part all point one way and share a bucket; their deviations do not.
 *
 * @param valid - 1 for real tokens, i32[N, L]; the others count nothing
 */
export function deviations(x: Value, valid: Value): Value {
  const weights = ops.broadcastInDim(ops.convert(valid, "f32"), x.shape, [0, 1]);
  const sums = ops.cumSum(ops.mul(x, weights), 1);
  const counts = ops.max(ops.cumSum(weights, 1), ops.fullLike(weights, 1));
  return ops.sub(x, ops.div(sums, counts));
}
