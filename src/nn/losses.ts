import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValueOf, type ArrayLike } from "../numpy/array-like.ts";
import { toFloat } from "../numpy/promote.ts";
import { customVjp } from "../transforms/index.ts";

/**
 * -log(softmax(logits)[label]) along the last axis: logits[..., classes] and i32 labels[...] give
 * losses [...]. A negative label marks a position that does not count: its loss and gradient are 0.
 * `optax.softmax_cross_entropy_with_integer_labels`.
 *
 * @throws ShapeError when the labels do not have the shape of the logits without the last axis
 * @example
 * import { softmaxCrossEntropy } from "reformax/nn";
 * console.log(softmaxCrossEntropy([[0, 0], [3, 9]], [1, -1]).toArray().map((x) => x.toFixed(4))); // => [ '0.6931', '0.0000' ]
 */
export const softmaxCrossEntropy = (logits: ArrayLike, labels: ArrayLike): Value =>
  crossEntropy(
    toFloat(logits, "softmaxCrossEntropy"),
    toValueOf(labels, "i32", "softmaxCrossEntropy"),
  );

const crossEntropy = customVjp(
  function softmaxCrossEntropy(logits: Value, labels: Value): Value {
    return ops.bindNamed("softmaxCrossEntropy", [logits, labels])[0];
  },
  {
    forward: (logits, labels): readonly [Value, readonly Value[]] => {
      const [loss, logNormalizer] = ops.bindNamed("softmaxCrossEntropy", [logits, labels]);
      return [loss, [logits, labels, logNormalizer]];
    },
    backward: (residuals, dLoss) => [
      ops.bindNamed("softmaxCrossEntropyBackward", [...residuals, dLoss])[0],
      null,
    ],
  },
);
