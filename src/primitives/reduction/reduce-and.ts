import { reduction } from "../rules/reduction.ts";

/** Whether all bools along the axes hold (`lax.reduce_and`); true of nothing. */
export const reduceAnd = reduction({
  name: "reduceAnd",
  dtypes: ["bool"],
  op: "and",
  combine: (elements) => elements.reduce((a, b) => a & b, 1),
  jvp: "nonDifferentiable",
});
