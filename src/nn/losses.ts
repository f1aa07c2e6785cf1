import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { toFloat } from "../array/promote.ts";
import { toIndices } from "../array/indices.ts";

/**
 * -log(softmax(logits)[label]) along the last axis: logits[..., classes] and i32 labels[...] give
 * losses [...]. A negative label marks a position that does not count: its loss and gradient are 0.
 * `optax.softmax_cross_entropy_with_integer_labels`.
 *
 * @throws ShapeError when the labels do not have the shape of the logits without the last axis
 * @example
 * import { softmaxCrossEntropy } from "reformax/nn";
 * const [counted, ignored] = softmaxCrossEntropy([[0, 0], [3, 9]], [1, -1]).dataSync();
 * console.log(counted.toFixed(4), ignored); // => 0.6931 0
 */
export const softmaxCrossEntropy = (logits: ArrayLike, labels: ArrayLike): Value =>
  ops.bindNamed("softmaxCrossEntropy", [
    toFloat(logits, "softmaxCrossEntropy"),
    toIndices(labels, "softmaxCrossEntropy"),
  ])[0];
