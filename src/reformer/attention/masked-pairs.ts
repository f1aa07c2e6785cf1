import type { Value } from "../../core/value.ts";
import { broadcastInDim, pad } from "../../lax/index.ts";
import { multiply } from "../../numpy/index.ts";

/**
 * Who sees whom, i32[N, padded, padded]: the given rows and columns, everything beyond them allowed, but for keys that are not valid,
 * padding among them.
 */
export function maskedPairs(given: Value, valid: Value): Value {
  const [groups, padded] = valid.shape;
  const [, rows, columns] = given.shape;
  const whole = pad(given, 1, [0, 0, 0], [0, padded - rows, padded - columns]);
  return multiply(whole, broadcastInDim(valid, [groups, padded, padded], [0, 2]));
}
