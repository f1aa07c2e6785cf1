import { definePrimitive, type ReferenceArray } from "../../ir/primitive.ts";
import { batchIntoGroups } from "./batch.ts";
import { softmaxOf } from "./chunked-attention.ts";
import { decomposeJoint } from "./decompose-joint.ts";
import { checkAttention, jointAvals } from "./params.ts";
import { jointAttentionVjp } from "./vjp.ts";
import { indicesOf, visibleKeys, type VisibleKey } from "./window.ts";
import {
  type JointAttentionParams,
  sizesOf,
  withKeys,
  attentionFlops,
} from "../../ir/attention.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly jointAttention: JointAttentionParams;
  }
}

const name = "jointAttention";

/**
 * The operands of chunkedAttention to out f32[N, L, e] and lse f32[N, L]: one softmax over the keys that a token sees in all rounds,
 * each as often as it sees it (Kitaev et al. 2020, equations 5 and 6). The same as weighing the rounds' results with
 * the softmax of their log partition functions, without keeping any of them. With `unitKeys` the operand k is left out:
 * keys are the queries divided by sqrt(mean(q^2) + epsilon) sqrt(d).
 */
export const jointAttention = definePrimitive<JointAttentionParams>({
  name,
  abstractEval: (inputs, params) =>
    jointAvals(checkAttention(name, withKeys(inputs, params), params)),
  jvp: "byDecomposition",
  vjp: jointAttentionVjp,
  transpose: "nonLinear",
  batch: (values, axes, params, size) => batchIntoGroups(name, values, axes, params, size),
  lower: {
    kind: "kernel",
    flops: (params, inputs) => {
      const sizes = sizesOf(withKeys(inputs, params));
      return attentionFlops(params, sizes, sizes.width + sizes.valueWidth);
    },
  },
  reference: (inputs, [out, lse], params) => {
    const operands = withKeys(inputs, params);
    const sizes = sizesOf(operands.map((input) => input.aval));
    const { groups, length, valueWidth } = sizes;
    const v = operands[2].words;
    for (let n = 0; n < groups; n++) {
      for (let i = 0; i < length; i++) {
        const row = n * length + i;
        const seen = jointSoftmax(operands, n, i, params);
        lse.words[row] = seen.logPartition;
        for (let c = 0; c < valueWidth; c++) {
          let sum = 0;
          seen.keys.forEach(({ token, multiplier }, index) => {
            sum += seen.weights[index] * multiplier * v[(n * length + token) * valueWidth + c];
          });
          out.words[row * valueWidth + c] = sum;
        }
      }
    }
  },
  decompose: decomposeJoint,
});

interface Seen {
  /** Of all rounds. */
  readonly keys: readonly VisibleKey[];
  readonly weights: readonly number[];
  readonly logPartition: number;
}

/** What token `i` of group `n` sees, in float64. */
export function jointSoftmax(
  operands: readonly ReferenceArray[],
  n: number,
  i: number,
  params: JointAttentionParams,
): Seen {
  const sizes = sizesOf(operands.map((input) => input.aval));
  const { rounds, width } = sizes;
  const [, k] = operands;
  const indices = indicesOf(operands);
  const keys = Array.from({ length: rounds }, (_, r) =>
    visibleKeys(n, r, i, indices, params, sizes),
  ).flat();
  const factor = (key: number): number => inverseLength(k.words, key, width, params);
  return { keys, ...softmaxOf(operands, n, i, keys, params, width, factor) };
}

/** What a key is multiplied by: 1 / its length with unit keys, else 1. */
export function inverseLength(
  k: ReferenceArray["words"],
  start: number,
  width: number,
  { unitKeys }: JointAttentionParams,
): number {
  if (unitKeys === null) return 1;
  let squares = 0;
  for (let c = 0; c < width; c++) squares += k[start + c] * k[start + c];
  return 1 / Math.sqrt(squares + width * unitKeys);
}
