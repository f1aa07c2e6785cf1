import { exp, log } from "../../core/float-math.ts";
import { definePrimitive, type ReferenceArray } from "../../ir/primitive.ts";
import { batchIntoGroups } from "./batch.ts";
import { decomposeAttention } from "./decompose.ts";
import { checkAttention, emptyLse, outputAvals } from "./params.ts";
import { chunkedAttentionVjp } from "./vjp.ts";
import { indicesOf, visibleKeys, type VisibleKey } from "./window.ts";
import { type ChunkedAttentionParams, sizesOf, attentionFlops } from "../../ir/attention.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly chunkedAttention: ChunkedAttentionParams;
  }
}

const name = "chunkedAttention";

/**
 * Attention in chunks of sorted slots: q, k f32[N, L, d], v f32[N, L, e] by token; order, inverse, buckets
 * i32[N, R, L]; valid i32[N, L]; dropoutKey u32[N, 2] to out f32[N, R, L, e] and lse f32[N, R, L]. A query sees the keys in
 * the chunks around its own; pairs are excluded by `causal`, `sameBucket` and `masked`; `selfMask` replaces the
 * logit of a token's own position; `duplicates` takes log of the number of rounds in which a pair meets off its logit;
 * `circular` joins the chunks of all rounds to a ring. Softmax subtracts the largest logit. Kitaev et al. 2020,
 * equations 5 and 11 to 16.
 */
export const chunkedAttention = definePrimitive<ChunkedAttentionParams>({
  name,
  abstractEval: (inputs, params) => outputAvals(checkAttention(name, inputs, params)),
  jvp: "byDecomposition",
  vjp: chunkedAttentionVjp,
  transpose: "nonLinear",
  batch: (values, axes, params, size) => batchIntoGroups(name, values, axes, params, size),
  lower: {
    kind: "kernel",
    flops: (params, inputs) => {
      const sizes = sizesOf(inputs);
      return attentionFlops(params, sizes, sizes.width + sizes.valueWidth);
    },
  },
  reference: (inputs, [out, lse], params) => {
    const sizes = sizesOf(inputs.map((input) => input.aval));
    const indices = indicesOf(inputs);
    const { groups, rounds, length, valueWidth } = sizes;
    const v = inputs[2].words;
    for (let n = 0; n < groups; n++) {
      for (let r = 0; r < rounds; r++) {
        for (let i = 0; i < length; i++) {
          const row = (n * rounds + r) * length + i;
          const keys = visibleKeys(n, r, i, indices, params, sizes);
          const { weights, logPartition } = softmaxOf(inputs, n, i, keys, params, sizes.width);
          lse.words[row] = logPartition;
          for (let c = 0; c < valueWidth; c++) {
            let sum = 0;
            keys.forEach(({ token, multiplier }, index) => {
              sum += weights[index] * multiplier * v[(n * length + token) * valueWidth + c];
            });
            out.words[row * valueWidth + c] = sum;
          }
        }
      }
    }
  },
  decompose: decomposeAttention,
});

/** Weights of a query's keys and its log partition function, in float64. `keyFactor` scales the key that starts at a word. */
export function softmaxOf(
  [q, k]: readonly ReferenceArray[],
  n: number,
  i: number,
  keys: readonly VisibleKey[],
  { scale, selfMask }: ChunkedAttentionParams,
  width: number,
  keyFactor: (start: number) => number = () => 1,
): { readonly weights: readonly number[]; readonly logPartition: number } {
  if (keys.length === 0) return { weights: [], logPartition: emptyLse };
  const length = q.aval.shape[1];
  const logits = keys.map(({ token, fixed, penalty }) => {
    if (fixed) return selfMask ?? 0;
    const [query, key] = [(n * length + i) * width, (n * length + token) * width];
    let product = 0;
    for (let c = 0; c < width; c++) product += q.words[query + c] * k.words[key + c];
    return scale * keyFactor(key) * product - penalty;
  });
  const peak = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = logits.map((logit) => exp(logit - peak));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return { weights: exponentials.map((x) => x / total), logPartition: peak + log(total) };
}
