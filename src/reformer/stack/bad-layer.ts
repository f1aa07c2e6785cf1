import type { Value } from "../../core/value.ts";
import { array, less, logicalAnd, logicalNot, where } from "../../numpy/index.ts";
import { rangeOf } from "./stream.ts";

/** i32[]: `layer` where the magnitude is NaN or out of the streams' range, else `previous`. */
export function firstBadLayer(
  previous: Value,
  magnitude: Value,
  dtype: Value["dtype"],
  layer: number,
): Value {
  const limit = Math.min(rangeOf(dtype), 3e38);
  const bad = logicalNot(less(magnitude, limit));
  const isFirst = logicalAnd(bad, less(previous, 0));
  return where(isFirst, array(layer, "i32"), previous);
}
