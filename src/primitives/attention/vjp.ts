/** Reverse mode of the attention operations by their backward kernels, which compute scores again. */
import type { Value } from "../../core/value.ts";
import type { ChunkedAttentionParams, JointAttentionParams } from "../../ir/attention.ts";
import * as ops from "../../ir/ops.ts";
import type { FusedVjp } from "../../ir/primitive.ts";

/** order, inverse, buckets, valid and dropoutKey have no cotangents. */
const ofIndices = Array.from({ length: 5 }, () => undefined);

export const chunkedAttentionVjp: FusedVjp<ChunkedAttentionParams> = {
  forward: (operands, params) => {
    const outputs = ops.bindNamed("chunkedAttention", operands, params);
    return { outputs, residuals: [...operands, ...outputs] };
  },
  backward: (residuals, cotangents, params) => {
    const results = residuals.slice(-cotangents.length);
    const complete = cotangents.map((cotangent, i) => cotangent ?? ops.zerosLike(results[i]));
    const ofVectors = ops.bindNamed(
      "chunkedAttentionBackward",
      [...residuals, ...complete],
      params,
    );
    return [...ofVectors, ...ofIndices];
  },
};

export const jointAttentionVjp: FusedVjp<JointAttentionParams> = {
  forward: (operands, params) => {
    const outputs = ops.bindNamed("jointAttention", operands, params);
    return { outputs, residuals: [...operands, ...outputs] };
  },
  backward: (residuals, [dOut, dLse], params) => {
    const complete = dOut ?? ops.zerosLike(residuals[residuals.length - 2]);
    const ofVectors = dLse
      ? throughPartition(residuals, complete, dLse, params)
      : ops.bindNamed("jointAttentionBackward", [...residuals, complete], params);
    return [...ofVectors, ...ofIndices];
  },
};

/**
 * The joint backward kernel knows the cotangent of out alone: dS = P (M dOut . v - dOut . out), where that of lse belongs in
 * the last term, dOut . out - dLse. One more column says so: values 0, out -1, and dLse as its dOut.
 */
function throughPartition(
  residuals: readonly Value[],
  dOut: Value,
  dLse: Value,
  params: JointAttentionParams,
): readonly Value[] {
  const vectorCount = params.unitKeys === null ? 3 : 2;
  const [out, lse] = residuals.slice(-2);
  const widen = (x: Value, column: Value): Value =>
    ops.concatenate([x, ops.reshape(column, [...column.shape, 1])], 2);
  const v = residuals[vectorCount - 1];
  const wide = [
    ...residuals.slice(0, vectorCount - 1),
    widen(v, ops.zerosLike(lse)),
    ...residuals.slice(vectorCount, -2),
    widen(out, ops.fullLike(lse, -1)),
    lse,
    widen(dOut, dLse),
  ];
  const gradients = ops.bindNamed("jointAttentionBackward", wide, params);
  const dv = gradients[vectorCount - 1];
  return [...gradients.slice(0, -1), ops.slice(dv, [0, 0, 0], v.shape)];
}
