import { avalOf } from "../../core/aval.ts";
import { exp } from "../../core/float-math.ts";
import * as ops from "../../ir/ops.ts";
import { definePrimitive, type Params } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { alongRow } from "../normalization/row-values.ts";
import { expectDType, expectShape } from "../operand-checks.ts";
import { checkLogits, classOf, oneHot, probabilities } from "./softmax-cross-entropy.ts";
import { rowsOf } from "../../ir/layouts.ts";

const name = "softmaxCrossEntropyBackward";

/**
 * Cotangent of the logits: logits[..., V], labels i32[...], lse[...], g[...] to (softmax - one-hot) g; rows with a
 * label below 0 get 0.
 */
export const softmaxCrossEntropyBackward = definePrimitive<Params>({
  name,
  abstractEval: ([logits, labels, lse, g]) => {
    checkLogits(name, logits, labels);
    [lse, g].forEach((aval, i) => {
      expectDType(name, i ? "g" : "lse", aval, ["f32"]);
      expectShape(name, i ? "g" : "lse", aval, labels.shape);
    });
    return [avalOf("f32", logits.shape)];
  },
  jvp: "byDecomposition",
  vjp: "byDecomposition",
  transpose: "nonLinear",
  batch: (values, axes, _params, size) => ({
    values: ops.bindNamed(
      name,
      values.map((value, i) => mappedAt(value, axes[i], 0, size)),
    ),
    axes: [0],
  }),
  lower: { kind: "kernel" },
  reference: ([logits, labels, lse, g], [dLogits]) => {
    const { rows, width } = rowsOf(logits.aval);
    for (let row = 0; row < rows; row++) {
      const label = labels.words[row];
      if (label < 0) continue;
      for (let i = 0; i < width; i++) {
        const at = row * width + i;
        const probability = exp(logits.words[at] - lse.words[row]);
        dLogits.words[at] = (probability - Number(i === classOf(label, width))) * g.words[row];
      }
    }
  },
  decompose: ([logits, labels, lse, g]) => {
    const counted = ops.ge(labels, ops.zerosLike(labels));
    const incoming = ops.select(counted, g, ops.zerosLike(g));
    return [
      ops.mul(
        ops.sub(probabilities(logits, lse), oneHot(labels, logits)),
        alongRow(incoming, logits),
      ),
    ];
  },
});
