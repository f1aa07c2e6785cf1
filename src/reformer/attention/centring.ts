import type { Value } from "../../core/value.ts";
import { broadcastInDim } from "../../lax/index.ts";
import { astype, cumsum, divide, maximum, multiply, subtract, sum } from "../../numpy/index.ts";

/**
 * What vectors f32[N, L, width] differ by from the mean of all real ones up to and with their own, if `causal`: then a token's result
 * depends on no later one; otherwise from the mean of all real ones. Vectors with a large common part all point one way and
 * share a bucket; their deviations do not.
 *
 * @param valid - 1 for real tokens, i32[N, L]; the others count nothing
 */
export function deviations(x: Value, valid: Value, causal = true): Value {
  const weights = broadcastInDim(astype(valid, "f32"), x.shape, [0, 1]);
  const total = causal
    ? (y: Value): Value => cumsum(y, 1)
    : (y: Value): Value => sum(y, 1, { keepDims: true });
  const sums = total(multiply(x, weights));
  return subtract(x, divide(sums, maximum(total(weights), 1)));
}
