import { offload as offloadOp } from "../../ir/ops.ts";
import { definePrimitive, type Params } from "../../ir/primitive.ts";

/**
 * x, which waits outside of the arena until it is read first (`jax.device_put` to pinned host memory and back, as
 * the offloading checkpoint policies do it). Derivatives stay in the arena.
 */
export const offload = definePrimitive<Params>({
  name: "offload",
  abstractEval: ([x]) => [x],
  jvp: ([x], [tangent]) => ({ primals: [offloadOp(x)], tangents: [tangent] }),
  transpose: ([cotangent]) => [cotangent],
  batch: ([x], [axis]) => ({ values: [offloadOp(x)], axes: [axis] }),
  lower: { kind: "offload" },
  reference: ([x], [y]) => {
    y.words.set(x.words);
  },
});
