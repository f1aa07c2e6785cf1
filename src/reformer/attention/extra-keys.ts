/**
 * Keys behind the queries that every query may see, a causal one too: memory, or another text. The kernels' causal mask compares the
 * places of tokens, so such keys are put before the queries.
 */
import type { Value } from "../../core/value.ts";
import { add, fullLike, greaterEqual, roll, subtract, where } from "../../numpy/index.ts";

/** The last `count` of the tokens along an axis before all others; with a negative count back again. */
export const rollTokens = (x: Value, axis: number, count: number): Value =>
  count === 0 ? x : roll(x, count, axis);

/** Places after {@link rollTokens} of tokens i32 of `length`. */
export function rolledPlaces(tokens: Value, length: number, count: number): Value {
  const moved = add(tokens, count);
  const wraps = greaterEqual(moved, length);
  return where(wraps, subtract(moved, fullLike(moved, length)), moved);
}
