import { definePrimitive } from "../../ir/primitive.ts";
import { expectDType, expectShape } from "../operand-checks.ts";
import { batchIntoGroups } from "./batch.ts";
import { softmaxOf } from "./chunked-attention.ts";
import { decomposeAttentionBackward } from "./decompose-backward.ts";
import { checkAttention, gradientAvals, outputAvals } from "./params.ts";
import { indicesOf, visibleKeys } from "./window.ts";
import { type ChunkedAttentionParams, sizesOf, attentionFlops } from "../../ir/attention.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly chunkedAttentionBackward: ChunkedAttentionParams;
  }
}

const name = "chunkedAttentionBackward";

/**
 * Cotangents dq, dk f32[N, L, d] and dv f32[N, L, e] of chunkedAttention from its eight operands, its results out
 * and lse, and their cotangents. Scores are computed again. With P the weights, M the dropout multipliers and
 * delta = dOut . out - dLse: dS = P (M dOut . v - delta); fixed logits pass nothing on.
 */
export const chunkedAttentionBackward = definePrimitive<ChunkedAttentionParams>({
  name,
  abstractEval: (inputs, params) => {
    const sizes = checkAttention(name, inputs, params);
    const results = outputAvals(sizes);
    ["out", "lse", "dOut", "dLse"].forEach((operand, i) => {
      expectDType(name, operand, inputs[8 + i], ["f32"]);
      expectShape(name, operand, inputs[8 + i], results[i % 2].shape);
    });
    return gradientAvals(sizes);
  },
  jvp: "byDecomposition",
  vjp: "byDecomposition",
  transpose: "nonLinear",
  batch: (values, axes, params, size) => batchIntoGroups(name, values, axes, params, size),
  lower: {
    kind: "kernel",
    flops: (params, inputs) => {
      const sizes = sizesOf(inputs);
      return attentionFlops(params, sizes, 3 * sizes.width + 2 * sizes.valueWidth);
    },
  },
  reference: (inputs, outputs, params) => {
    const sizes = sizesOf(inputs.map((input) => input.aval));
    const indices = indicesOf(inputs);
    const { groups, rounds, length, width, valueWidth } = sizes;
    const [q, k, v] = inputs.map((input) => input.words);
    const [out, , dOut, dLse] = inputs.slice(8).map((input) => input.words);
    const [dq, dk, dv] = outputs.map((output) => new Float64Array(output.words.length));
    for (let n = 0; n < groups; n++) {
      for (let r = 0; r < rounds; r++) {
        for (let i = 0; i < length; i++) {
          const row = (n * rounds + r) * length + i;
          const keys = visibleKeys(n, r, i, indices, params, sizes);
          const { weights } = softmaxOf(inputs, n, i, keys, params, width);
          let delta = -dLse[row];
          for (let c = 0; c < valueWidth; c++)
            delta += dOut[row * valueWidth + c] * out[row * valueWidth + c];
          keys.forEach(({ token, fixed, multiplier }, index) => {
            const query = (n * length + i) * width;
            const key = (n * length + token) * width;
            const value = (n * length + token) * valueWidth;
            let dWeight = 0;
            for (let c = 0; c < valueWidth; c++) {
              const incoming = dOut[row * valueWidth + c];
              dWeight += multiplier * incoming * v[value + c];
              dv[value + c] += multiplier * weights[index] * incoming;
            }
            if (fixed) return;
            const dLogit = params.scale * weights[index] * (dWeight - delta);
            for (let c = 0; c < width; c++) {
              dq[query + c] += dLogit * k[key + c];
              dk[key + c] += dLogit * q[query + c];
            }
          });
        }
      }
    }
    [dq, dk, dv].forEach((gradient, i) => outputs[i].words.set(gradient));
  },
  decompose: decomposeAttentionBackward,
});
