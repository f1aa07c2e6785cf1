import { avalOf } from "../../core/aval.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { expectDType, expectShape } from "../operand-checks.ts";
import { batchIntoGroups } from "./batch.ts";
import { decomposeJointBackward } from "./decompose-joint.ts";
import { inverseLength, jointSoftmax } from "./joint-attention.ts";
import { checkAttention, gradientAvals, jointAvals } from "./params.ts";
import {
  type JointAttentionParams,
  sizesOf,
  withKeys,
  attentionFlops,
} from "../../ir/attention.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly jointAttentionBackward: JointAttentionParams;
  }
}

const name = "jointAttentionBackward";
const operandCount = 8;

/**
 * Cotangents of jointAttention's vectors from its operands, its results out and lse, and the cotangent dOut f32[N, L, e]:
 * dq, dk f32[N, L, d] and dv f32[N, L, e]; with `unitKeys` dq, of queries in both of their roles, and dv. Scores are computed again,
 * round by round. With P the weights, M the dropout multipliers and delta = dOut . out: dS = P (M dOut . v - delta); fixed
 * logits pass nothing on.
 */
export const jointAttentionBackward = definePrimitive<JointAttentionParams>({
  name,
  abstractEval: (inputs, params) => {
    const operands = withKeys(inputs, params);
    const sizes = checkAttention(name, operands, params);
    const [out, lse] = jointAvals(sizes);
    [out, lse, out].forEach(({ shape }, i) => {
      const operand = ["out", "lse", "dOut"][i];
      const given = operands[operandCount + i] ?? avalOf("f32", []);
      expectDType(name, operand, given, ["f32"]);
      expectShape(name, operand, given, shape);
    });
    const [dq, dk, dv] = gradientAvals(sizes);
    return params.unitKeys === null ? [dq, dk, dv] : [dq, dv];
  },
  jvp: "byDecomposition",
  vjp: "byDecomposition",
  transpose: "nonLinear",
  batch: (values, axes, params, size) => batchIntoGroups(name, values, axes, params, size),
  lower: {
    kind: "kernel",
    flops: (params, inputs) => {
      const sizes = sizesOf(withKeys(inputs, params));
      return attentionFlops(params, sizes, 3 * sizes.width + 2 * sizes.valueWidth);
    },
  },
  reference: (inputs, outputs, params) => {
    const operands = withKeys(inputs, params);
    const sizes = sizesOf(operands.map((input) => input.aval));
    const { groups, length, width, valueWidth } = sizes;
    const [q, k, v] = operands.map((input) => input.words);
    const [out, , dOut] = operands.slice(operandCount).map((input) => input.words);
    const sums = outputs.map((output) => new Float64Array(output.words.length));
    const [dq, dk, dv] = withKeys(sums, params);
    for (let n = 0; n < groups; n++) {
      for (let i = 0; i < length; i++) {
        const row = n * length + i;
        const { keys, weights } = jointSoftmax(operands, n, i, params);
        let delta = 0;
        for (let c = 0; c < valueWidth; c++)
          delta += dOut[row * valueWidth + c] * out[row * valueWidth + c];
        keys.forEach(({ token, fixed, multiplier }, index) => {
          const [query, key] = [row * width, (n * length + token) * width];
          const value = (n * length + token) * valueWidth;
          let dWeight = 0;
          for (let c = 0; c < valueWidth; c++) {
            const incoming = dOut[row * valueWidth + c];
            dWeight += multiplier * incoming * v[value + c];
            dv[value + c] += multiplier * weights[index] * incoming;
          }
          if (fixed) return;
          const unit = inverseLength(k, key, width, params);
          const dProduct = params.scale * unit * weights[index] * (dWeight - delta);
          let along = 0;
          for (let c = 0; c < width; c++) along += unit * unit * q[query + c] * k[key + c];
          for (let c = 0; c < width; c++) {
            dq[query + c] += dProduct * k[key + c];
            const rest = params.unitKeys === null ? 0 : along * k[key + c];
            dk[key + c] += dProduct * (q[query + c] - rest);
          }
        });
      }
    }
    sums.forEach((gradient, i) => outputs[i].words.set(gradient));
  },
  decompose: decomposeJointBackward,
});
