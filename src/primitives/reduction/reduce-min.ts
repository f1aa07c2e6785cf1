import type { DType } from "../../core/dtype.ts";
import { extremumJvp } from "../rules/extremum.ts";
import { reduction } from "../rules/reduction.ts";

/**
 * Minimum over axes (`lax.reduce_min`); NaN wins, -0 < +0; of nothing it is the dtype's largest
 * value. Elements that tie share the tangent equally.
 */
export const reduceMin = reduction({
  name: "reduceMin",
  dtypes: ["f32", "i32", "u32"],
  op: "min",
  combine: (elements, dtype) => elements.reduce((a, b) => Math.min(a, b), largest(dtype)),
  jvp: extremumJvp("reduceMin"),
});

const largest = (dtype: DType): number =>
  dtype === "f32" ? Infinity : dtype === "i32" ? 0x7fffffff : 0xffffffff;
