import { definePrimitive, type Params } from "../../../src/ir/primitive.ts";

// Its derivative is that of a decomposition, which is not there.
export const half = definePrimitive<Params>({ // TS2345
  name: "half",
  abstractEval: ([x]) => [x],
  jvp: "byDecomposition",
  vjp: "byDecomposition",
  transpose: "nonLinear",
  batch: (values, axes) => ({ values, axes }),
  lower: { kind: "kernel" },
  reference: ([x], [y]) => y.words.set(x.words.map((word) => word / 2)),
});
