import { definePrimitive, type Params } from "../../../src/ir/primitive.ts";

// It does not say whether reverse mode goes through its decomposition too.
export const half = definePrimitive<Params>({ // TS2345
  name: "half",
  abstractEval: ([x]) => [x],
  jvp: "byDecomposition",
  decompose: ([x]) => [x],
  transpose: "nonLinear",
  batch: (values, axes) => ({ values, axes }),
  lower: { kind: "kernel" },
  reference: ([x], [y]) => y.words.set(x.words.map((word) => word / 2)),
});
