import type { Value } from "../../core/value.ts";
import { astype, divide, greaterEqual, maximum, sum } from "../../numpy/index.ts";

/** Mean of losses over the targets i32 of the same shape that count, f32[]: 0 if none does. */
export const meanOver = (losses: Value, targets: Value): Value =>
  divide(sum(losses), countOf(targets));

/** Targets that count, which are not below 0, or 1 if none does: f32[]. */
export function countOf(targets: Value): Value {
  const counted = astype(greaterEqual(targets, 0), "f32");
  return maximum(sum(counted), 1);
}
