import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { mean } from "../numpy/statistics.ts";

/** sqrt(mean(x^2)) over all elements: f32[]; 0 for an array without elements. */
export const rootMeanSquare = (x: Value): Value =>
  x.size === 0 ? ops.literal(0, "f32") : ops.sqrt(mean(ops.mul(x, x)));

/** 1 / sqrt(x) */
export const inverseRoot = (x: Value): Value => ops.div(ops.fullLike(x, 1), ops.sqrt(x));
