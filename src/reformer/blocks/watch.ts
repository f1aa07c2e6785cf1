import type { Value } from "../../core/value.ts";
import { stopGradient } from "../../lax/index.ts";
import { abs, add, max, maximum } from "../../numpy/index.ts";
import { valuesOf } from "../stack/stream.ts";

/**
 * Running maximum of |stream + contribution| computed in f32, where nothing wraps: at or above the
 * stream's range the sum overflowed; NaN stays NaN.
 */
export const watch = (largest: Value, stream: Value, contribution: Value): Value =>
  maximum(largest, max(abs(stopGradient(add(valuesOf(stream), contribution)))));
