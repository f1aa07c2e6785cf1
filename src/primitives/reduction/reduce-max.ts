import type { DType } from "../../core/dtype.ts";
import { extremumJvp } from "../rules/extremum.ts";
import { reduction } from "../rules/reduction.ts";

/**
 * Maximum over axes (`lax.reduce_max`); NaN wins, -0 < +0; of nothing it is the dtype's smallest
 * value. Elements that tie share the tangent equally.
 */
export const reduceMax = reduction({
  name: "reduceMax",
  dtypes: ["f32", "i32", "u32"],
  op: "max",
  combine: (elements, dtype) => elements.reduce((a, b) => Math.max(a, b), smallest(dtype)),
  jvp: extremumJvp("reduceMax"),
});

const smallest = (dtype: DType): number =>
  dtype === "f32" ? -Infinity : dtype === "i32" ? -0x80000000 : 0;
