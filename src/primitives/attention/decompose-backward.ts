import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { batched, pairsOf, weightsOf } from "./decompose.ts";
import {
  layoutOf,
  rollChunks,
  toSlots,
  toTokens,
  toWindows,
  type Layout,
} from "./decompose-layout.ts";
import type { ChunkedAttentionParams } from "../../ir/attention.ts";

/** Sums the gradients of each chunk's copies in the windows: [N, chunks, W, w] to [N, chunks, m, w]. */
function fromWindows(x: Value, layout: Layout): Value {
  const { groups, chunks, chunk, offsets } = layout;
  const width = x.shape[3];
  return offsets
    .map((offset, i) => {
      const part = ops.slice(x, [0, 0, i * chunk, 0], [groups, chunks, (i + 1) * chunk, width]);
      return rollChunks(part, -offset, layout);
    })
    .reduce((a, b) => ops.add(a, b));
}

/** Gradients by slot summed over rounds: [N, chunks, m, w] to [N, L, w] by token. */
const sumOverRounds = (x: Value, inverse: Value, layout: Layout): Value =>
  ops.reduceSum(toTokens(x, inverse, layout), [1]);

/** chunkedAttentionBackward in simpler operations. */
export function decomposeAttentionBackward(
  inputs: readonly Value[],
  params: object,
): readonly Value[] {
  const options = params as ChunkedAttentionParams;
  const [q, k, v, order, inverse, buckets, valid, dropoutKey, out, , dOut, dLse] = inputs;
  const layout = layoutOf(order, options);
  const pairs = pairsOf({ order, inverse, buckets, valid, dropoutKey }, options, layout);
  const queries = toSlots(q, order, layout);
  const keys = toWindows(toSlots(k, order, layout), layout);
  const values = toWindows(toSlots(v, order, layout), layout);
  const { weights } = weightsOf(queries, keys, pairs, options);
  const incoming = resultsToSlots(dOut, order, layout);
  const results = resultsToSlots(out, order, layout);
  const delta = ops.sub(
    ops.reduceSum(ops.mul(incoming, results), [3]),
    resultsToSlots(dLse, order, layout),
  );

  const kept = pairs.multiplier ? ops.mul(weights, pairs.multiplier) : weights;
  const dValues = ops.dotGeneral(kept, incoming, {
    ...batched,
    lhsContract: [2],
    rhsContract: [2],
  });
  const products = ops.dotGeneral(incoming, values, {
    ...batched,
    lhsContract: [3],
    rhsContract: [3],
  });
  const dWeights = pairs.multiplier ? ops.mul(products, pairs.multiplier) : products;
  const centred = ops.sub(dWeights, ops.broadcastInDim(delta, dWeights.shape, [0, 1, 2]));
  const dLogits = ops.select(pairs.fixed, ops.zerosLike(weights), ops.mul(weights, centred));
  const dScores = ops.scale(dLogits, options.scale);
  const dq = ops.dotGeneral(dScores, keys, { ...batched, lhsContract: [3], rhsContract: [2] });
  const dKeys = ops.dotGeneral(dScores, queries, {
    ...batched,
    lhsContract: [2],
    rhsContract: [2],
  });
  return [
    sumOverRounds(dq, inverse, layout),
    sumOverRounds(fromWindows(dKeys, layout), inverse, layout),
    sumOverRounds(fromWindows(dValues, layout), inverse, layout),
  ];
}

/** x[N, R, L, ...] by round and token as [N, chunks, m, ...] by slot. */
function resultsToSlots(x: Value, order: Value, { groups, chunks, chunk }: Layout): Value {
  return ops.reshape(ops.gather(x, order, 2), [groups, chunks, chunk, ...x.shape.slice(3)]);
}
