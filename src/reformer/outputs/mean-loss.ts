import { sizeOf } from "../../core/shape.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim } from "../../lax/index.ts";
import { divide, multiply, reshape } from "../../numpy/index.ts";
import type { CrossEntropyOptions } from "../../nn/index.ts";
import { customVjp, jvp, vjp } from "../../transforms/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import { accumulate, sumOf, zerosOf } from "../stack/cotangents.ts";
import { countOf, meanOver } from "./counted-mean.ts";
import { chunkedLosses, rowLosses, type OutputInputs } from "./next-token.ts";
import type { Streams } from "../stack/reversible.ts";
import { allRows, flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";

/** What the loss is differentiated in, and how much of that its cotangent is worth. */
interface Derivative {
  readonly dParams: unknown;
  readonly dFirst: Value;
  readonly dSecond: Value;
}

/**
 * Mean of {@link chunkedLosses} over the targets i32[B, L] that count (0 if none does), f32[]. Reverse mode computes its derivative in the
 * loop that computes the value, since the mean gives every loss the same cotangent: the logits of a chunk are computed once, and only their
 * derivative is left when the loop is over.
 */
export function meanLoss(
  config: ReformerConfig,
  params: OutputInputs,
  streams: Streams,
  targets: Value,
  options: CrossEntropyOptions = {},
): Value {
  type Args = readonly [OutputInputs, Value, Value, Value];
  const meanOfLosses = (...[inputs, first, second, labels]: Args): Value =>
    meanOver(chunkedLosses(config, inputs, { first, second }, labels, options), labels);
  const mean = customVjp<Args, Value, Derivative>(meanOfLosses, {
    forward: (...args) => valueAndDerivative(config, options, ...args),
    backward: ({ dParams, dFirst, dSecond }, dMean) => {
      const scaled = (x: Value): Value => multiply(x, broadcastInDim(dMean, x.shape, []));
      return [tree.map(scaled, dParams), scaled(dFirst), scaled(dSecond), null];
    },
    jvp: ([inputs, first, second, labels], [dInputs, dFirst, dSecond]) => {
      const ofStreams = (p: OutputInputs, x: Value, y: Value): Value =>
        meanOfLosses(p, x, y, labels);
      return jvp(ofStreams, [inputs, first, second], [dInputs, dFirst, dSecond]);
    },
  });
  const { embedding, head } = params;
  return mean({ embedding, head }, streams.first, streams.second, targets);
}

function valueAndDerivative(
  config: ReformerConfig,
  options: CrossEntropyOptions,
  params: OutputInputs,
  first: Value,
  second: Value,
  targets: Value,
): readonly [Value, Derivative] {
  type Rows = readonly [first: Value, second: Value, labels: Value];
  type Done = readonly [losses: Value, dFirst: Value, dSecond: Value];
  const share = divide(1, countOf(targets));
  const [dParams, [losses, dFirst, dSecond]] = scanRows<unknown, Rows, Done>(
    (sum, [x, y, labels]) => {
      const lossesOf = (p: OutputInputs, a: Value, b: Value): Value =>
        rowLosses(config, p, a, b, labels, options);
      const [values, pullBack] = vjp(lossesOf, params, x, y);
      const [dHere, dx, dy] = pullBack(broadcastInDim(share, values.shape, []));
      return [accumulate(sum, dHere), [values, dx, dy]];
    },
    zerosOf(params),
    [flattenRows(first), flattenRows(second), reshape(targets, [sizeOf(targets.shape)])],
    { chunk: config.lossChunk ?? allRows, reverseSum: sumOf },
  );
  const value = meanOver(reshape(losses, targets.shape), targets);
  return [
    value,
    { dParams, dFirst: unflattenRows(dFirst, first), dSecond: unflattenRows(dSecond, second) },
  ];
}
