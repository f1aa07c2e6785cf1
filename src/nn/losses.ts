import { checkNumber, checkOptions } from "../core/arguments.ts";
import { ReformaxError, ShapeError } from "../core/errors.ts";
import { formatShape } from "../core/shape.ts";
import { isHostStorage } from "../core/storage.ts";
import { Tensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { toFloat } from "../array/promote.ts";
import { toIndices } from "../array/indices.ts";

const where = "softmaxCrossEntropy";

export interface CrossEntropyOptions {
  /** The share of a label's weight that is spread evenly over all classes, 0 (default) up to below 1. */
  readonly labelSmoothing?: number;
}

/**
 * -log(softmax(logits)[label]) along the last axis: logits[..., classes] and i32 labels[...] give
 * losses [...]. A negative label marks a position that does not count: its loss and gradient are 0. A label beyond the
 * classes is an error where it can be seen at once, and otherwise gives NaN as loss and gradient.
 * `optax.softmax_cross_entropy_with_integer_labels`; with smoothing, Szegedy et al. 2016, section 7, and
 * `optax.smooth_labels`.
 *
 * @throws ShapeError when the labels do not have the shape of the logits without the last axis, or there are no classes;
 * ReformaxError when a label on the host names no class, or the smoothing is no share
 * @example
 * import { softmaxCrossEntropy } from "reformax/nn";
 * const [counted, ignored] = softmaxCrossEntropy([[0, 0], [3, 9]], [1, -1]).dataSync();
 * console.log(counted.toFixed(4), ignored); // => 0.6931 0
 * const smoothed = softmaxCrossEntropy([2, 0], 0, { labelSmoothing: 0.5 });
 * console.log(smoothed.item().toFixed(4)); // => 0.6269
 */
export function softmaxCrossEntropy(
  logits: ArrayLike,
  labels: ArrayLike,
  options: CrossEntropyOptions = {},
): Value {
  const smoothing = smoothingOf(options);
  const [scores, classOf] = [toFloat(logits, where), toIndices(labels, where)];
  const classes = scores.shape[scores.shape.length - 1];
  if (classes === 0) {
    throw new ShapeError("there are no classes", { where, got: formatShape(scores.shape) });
  }
  checkLabels(classOf, classes);
  const [sharp, logSum] = ops.bindNamed(where, [scores, classOf]);
  const loss = smoothing === 0 ? sharp : smoothed(scores, classOf, sharp, logSum, smoothing);
  return classes === undefined ? loss : ops.mul(loss, oneOrNaN(classOf, classes));
}

function smoothingOf(options: CrossEntropyOptions): number {
  const { labelSmoothing = 0 } = checkOptions(options, { labelSmoothing: "number" }, where);
  if (checkNumber(labelSmoothing, "the label smoothing", where, 0) < 1) return labelSmoothing;
  throw new ReformaxError("the label smoothing leaves nothing of the label", {
    where,
    expected: "0 or more, and below 1",
    got: String(labelSmoothing),
  });
}

/** (1 - s) times the loss, and s times the mean loss of all classes where the label counts. */
function smoothed(
  scores: Value,
  labels: Value,
  loss: Value,
  logSum: Value,
  smoothing: number,
): Value {
  const last = scores.shape.length - 1;
  const mean = ops.scale(ops.reduceSum(scores, [last]), 1 / scores.shape[last]);
  const ofAll = ops.sub(logSum, mean);
  const counts = ops.ge(labels, ops.zerosLike(labels));
  const even = ops.select(counts, ofAll, ops.zerosLike(ofAll));
  return ops.add(ops.scale(loss, 1 - smoothing), ops.scale(even, smoothing));
}

/** 1 where the label names a class or is negative: the kernels take the last class for what is beyond it. */
const oneOrNaN = (labels: Value, classes: number): Value =>
  ops.select(
    ops.lt(labels, ops.fullLike(labels, classes)),
    ops.full(labels.shape, 1, "f32"),
    ops.full(labels.shape, NaN, "f32"),
  );

function checkLabels(labels: Value, classes: number): void {
  if (!(labels instanceof Tensor) || labels.isReleased || !isHostStorage(labels.storage)) return;
  const beyond = labels.storage.find((label) => label >= classes);
  if (beyond === undefined) return;
  throw new ReformaxError("a label names no class", {
    where,
    expected: `labels below ${classes}, the size of the last axis of the logits`,
    got: String(beyond),
    fix: "Negative labels mark positions that do not count.",
  });
}
