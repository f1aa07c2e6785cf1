import { avalOf, type Aval } from "../../core/aval.ts";
import { exp, log } from "../../core/float-math.ts";
import * as ops from "../../ir/ops.ts";
import { definePrimitive, type Params } from "../../ir/primitive.ts";
import { addTangents } from "../../ir/tangents.ts";
import type { Value } from "../../core/value.ts";
import { mappedAt } from "../batch-axes.ts";
import { alongRow } from "../normalization/row-values.ts";
import { expectDType, expectIndices, expectRankFrom, expectShape } from "../operand-checks.ts";
import { rowsOf } from "../../ir/layouts.ts";

const name = "softmaxCrossEntropy";

export function checkLogits(where: string, logits: Aval, labels: Aval): void {
  expectDType(where, "logits", logits, ["f32"]);
  expectRankFrom(where, "logits", logits, 1);
  expectIndices(where, "labels", labels);
  expectShape(where, "labels", labels, logits.shape.slice(0, -1));
}

/** The class of a label: beyond the last it is the last; below 0 it counts nothing. */
export const classOf = (label: number, classes: number): number => Math.min(label, classes - 1);

/**
 * Cross-entropy in nats with the softmax of the last axis: logits[..., V], labels i32[...] to loss[...] =
 * lse - logits[label] and lse[...] = log sum exp. A label below 0 gives loss 0.
 */
export const softmaxCrossEntropy = definePrimitive<Params>({
  name,
  abstractEval: ([logits, labels]) => {
    checkLogits(name, logits, labels);
    const perRow = avalOf("f32", logits.shape.slice(0, -1));
    return [perRow, perRow];
  },
  jvp: "byDecomposition",
  vjp: {
    forward: ([logits, labels]) => {
      const [loss, lse] = ops.bindNamed(name, [logits, labels]);
      return { outputs: [loss, lse], residuals: [logits, labels, lse] };
    },
    backward: ([logits, labels, lse], [dLoss, dLse]) => {
      const [ofLoss] = dLoss
        ? ops.bindNamed("softmaxCrossEntropyBackward", [logits, labels, lse, dLoss])
        : [];
      const ofLse = dLse && ops.mul(probabilities(logits, lse), alongRow(dLse, logits));
      return [addTangents(ofLoss, ofLse), undefined];
    },
  },
  transpose: "nonLinear",
  batch: (values, axes, _params, size) => ({
    values: ops.bindNamed(
      name,
      values.map((value, i) => mappedAt(value, axes[i], 0, size)),
    ),
    axes: [0, 0],
  }),
  lower: { kind: "kernel" },
  reference: ([logits, labels], [loss, lse]) => {
    const { rows, width } = rowsOf(logits.aval);
    for (let row = 0; row < rows; row++) {
      const values = logits.words.subarray(row * width, (row + 1) * width);
      let peak = -Infinity;
      for (const value of values) peak = Math.max(peak, value);
      let total = 0;
      for (const value of values) total += exp(value - peak);
      const label = labels.words[row];
      lse.words[row] = peak + log(total);
      loss.words[row] = label < 0 ? 0 : peak + log(total) - values[classOf(label, width)];
    }
  },
  decompose: ([logits, labels]) => {
    const last = logits.shape.length - 1;
    const peak = ops.stopGradient(ops.reduceMax(logits, [last]));
    const exponentials = ops.exp(ops.sub(logits, alongRow(peak, logits)));
    const lse = ops.add(peak, ops.log(ops.reduceSum(exponentials, [last])));
    const chosen = ops.reduceSum(ops.mul(logits, oneHot(labels, logits)), [last]);
    const counted = ops.ge(labels, ops.zerosLike(labels));
    return [ops.select(counted, ops.sub(lse, chosen), ops.zerosLike(lse)), lse];
  },
});

/** The softmax of logits[..., V] with lse[...]. */
export const probabilities = (logits: Value, lse: Value): Value =>
  ops.exp(ops.sub(logits, alongRow(lse, logits)));

/** 1 at the label's class, f32 of the logits' shape; nothing for labels below 0. */
export function oneHot(labels: Value, logits: Value): Value {
  const last = logits.shape.length - 1;
  const classes = ops.iota("i32", logits.shape, last);
  const chosen = ops.min(labels, ops.fullLike(labels, logits.shape[last] - 1));
  return ops.convert(ops.eq(classes, alongRow(chosen, logits)), "f32");
}
