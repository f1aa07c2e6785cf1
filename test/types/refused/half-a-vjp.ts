import { definePrimitive, type Params } from "../../../src/ir/primitive.ts";

// Its fused derivative goes forward and does not come back.
export const half = definePrimitive<Params>({
  name: "half",
  abstractEval: ([x]) => [x],
  jvp: "byDecomposition",
  vjp: { forward: ([x]) => ({ outputs: [x], residuals: [] }) }, // TS2322
  decompose: ([x]) => [x],
  transpose: "nonLinear",
  batch: (values, axes) => ({ values, axes }),
  lower: { kind: "kernel" },
  reference: ([x], [y]) => y.words.set(x.words.map((word) => word / 2)),
});
