import { reduction } from "../rules/reduction.ts";

/** Whether any bool along the axes holds (`lax.reduce_or`); false of nothing. */
export const reduceOr = reduction({
  name: "reduceOr",
  dtypes: ["bool"],
  op: "or",
  combine: (elements) => elements.reduce((a, b) => a | b, 0),
  jvp: "nonDifferentiable",
});
