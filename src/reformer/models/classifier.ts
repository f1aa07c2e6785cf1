/** Classifiers of sequences: `classifier.init`, `classifier.logits`, `classifier.loss`. */
import { checkKind, checkOptions, checkRecord } from "../../core/arguments.ts";
import { sequenceS } from "fp-ts/lib/Apply.js";
import * as S from "fp-ts/lib/State.js";
import { orAbsent, orNull } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import { initDense, initLayerNorm, type CrossEntropyOptions } from "../../nn/index.ts";
import type { GradientTransformation } from "../../optim/index.ts";
import { foldIn } from "../../random/index.ts";
import {
  classLogits,
  classLoss,
  type ClassifierHead,
  type HeadDropout,
  type Pooling,
} from "../outputs/classification.ts";
import { checkClassifierHead } from "../outputs/head-checks.ts";
import { mergedWidth } from "../outputs/merged-rows.ts";
import type { Streams } from "../stack/reversible.ts";
import { checkConfig } from "./check-config.ts";
import { checkLabels, checkPass, checkSmoothing, splitLossOptions } from "./check-pass.ts";
import type { ReformerConfig } from "./config.ts";
import type { LossOptions, MeanLoss } from "./language-model.ts";
import type { EndParams, ReformerParams } from "./params.ts";
import { initWithHead } from "./parameters.ts";
import { passThrough, type PassOptions } from "./run-stack.ts";
import { updateOutput, type UpdateStep } from "./update-through.ts";

/** Parameters of a classifier. */
export type ClassifierParams = ReformerParams<ClassifierHead>;

export interface ClassifierInit {
  readonly classes: number;
  /** Width of the layer below the classes, with tanh behind it; that of the model when absent, none if null. */
  readonly hidden?: number | null;
}

const initKinds = { classes: "size", hidden: orAbsent(orNull("size")) } as const;

/**
 * The parameters of a classifier from one key u32[2]: those of the model, and a head.
 *
 * @example
 * import { key } from "reformax/random";
 * import { classifier, reformerConfig } from "reformax/reformer";
 * const params = classifier.init(reformerConfig({ width: 16 }), { classes: 3 }, key(0));
 * console.log(params.head.inner?.kernel.shape, params.head.outer.kernel.shape); // => [ 32, 16 ] [ 16, 3 ]
 */
export function init(
  config: ReformerConfig,
  options: ClassifierInit,
  key: Value,
): ClassifierParams {
  checkConfig(config, "classifier.init");
  checkRecord(options, initKinds, "options", "classifier.init");
  const { classes, hidden = config.width } = options;
  const merged = mergedWidth(config);
  const norm = initLayerNorm(merged);
  const head: S.State<Value, ClassifierHead> =
    hidden === null
      ? record({ norm, outer: initDense(merged, classes) })
      : record({ norm, inner: initDense(merged, hidden), outer: initDense(hidden, classes) });
  return initWithHead(config, head, "classifier.init")(key)[0];
}

const record = sequenceS(S.Applicative);

/** How a classifier runs. */
export interface ClassifyOptions extends PassOptions {
  /** What stands for a sequence: its first real token (when absent), or the mean of its real tokens. */
  readonly pool?: Pooling;
}

/**
 * Logits f32[B, classes] of sequences i32[B, L]. Padding anywhere, told by `valid`, changes nothing; only with the conventions
 * `huggingface` the first token is the one at position 0, padding or not.
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { classifier, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = classifier.init(config, { classes: 3 }, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * console.log(classifier.logits(config, params, tokens, key(1)).shape); // => [ 1, 3 ]
 */
export function logits(
  config: ReformerConfig,
  params: ClassifierParams,
  tokens: Value,
  key: Value,
  options: ClassifyOptions = {},
): Value {
  const where = "classifier.logits";
  const { pool, pass } = splitPool(options, where);
  checkModel(config, params, tokens, key, pass, where);
  const { streams } = passThrough(config, params, tokens, key, pass, where);
  return logitsAbove(config, params, streams, key, { ...pass, pool });
}

/** How a classifier is trained. */
export type ClassifyLossOptions = ClassifyOptions & LossOptions;

export interface ClassLoss extends MeanLoss {
  /** f32[B, classes] */
  readonly logits: Value;
}

/**
 * Mean cross-entropy in nats over the labels i32[B] that are not below 0, f32[], and the logits that it is of.
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { classifier, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = classifier.init(config, { classes: 3 }, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const labels = array([2], "i32");
 * const { loss, logits } = classifier.loss(config, params, tokens, labels, key(1), { pool: "mean" });
 * console.log(loss.item() > 0, logits.shape); // => true [ 1, 3 ]
 */
export function loss(
  config: ReformerConfig,
  params: ClassifierParams,
  tokens: Value,
  labels: Value,
  key: Value,
  options: ClassifyLossOptions = {},
): ClassLoss {
  const where = "classifier.loss";
  const { pass: own, smoothing } = splitLossOptions(options, where);
  const { pool, pass } = splitPool(own, where);
  checkModel(config, params, tokens, key, pass, where);
  checkLabels(labels, tokens, "labels", where);
  const { streams, ...passed } = passThrough(config, params, tokens, key, pass, where);
  const given = logitsAbove(config, params, streams, key, { ...pass, pool });
  return { ...passed, logits: given, loss: classLoss(given, labels, smoothing) };
}

/**
 * One training step in which the layers are updated inside the reverse sweep; its targets are labels i32[B].
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { sgd } from "reformax/optim";
 * import { classifier, initUpdateState, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = classifier.init(config, { classes: 3 }, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const labels = array([2], "i32");
 * const step = classifier.lossAndUpdate(config, sgd(0.1));
 * const first = step(initUpdateState(sgd(0.1), params), tokens, labels, key(1));
 * const second = step(first.state, tokens, labels, key(1));
 * console.log(second.loss.item() < first.loss.item()); // => true
 */
export const lossAndUpdate = (
  config: ReformerConfig,
  optimizer: GradientTransformation,
  options: CrossEntropyOptions & Pick<ClassifyOptions, "pool"> = {},
): UpdateStep<ClassifierHead, Value> => {
  const where = "classifier.lossAndUpdate";
  const { pool, pass: smoothing } = splitPool(options, where);
  checkConfig(config, where);
  checkSmoothing(smoothing, where);
  return updateOutput<ClassifierHead, Value>(config, optimizer, {
    where,
    head: "any",
    check: ({ params, inputs, targets }) => {
      checkClassifierHead(params.head, mergedWidth(config), where);
      checkLabels(targets, inputs, "labels", where);
    },
    lossAbove: (ends, streams, labels, { key, valid }) => {
      const pass = { pool, valid, mode: "training" } as const;
      return classLoss(logitsAbove(config, ends, streams, key, pass), labels, smoothing);
    },
  });
};

const splitPool = <Options extends Pick<ClassifyOptions, "pool">>(
  options: Options,
  where: string,
) => {
  const { pool, ...pass } = checkKind(options, "object", "options", where);
  checkOptions({ pool }, { pool: ["first", "mean"] }, where);
  return { pool, pass };
};

/** The arguments that all passes have. */
function checkModel(
  config: ReformerConfig,
  params: ClassifierParams,
  tokens: Value,
  key: Value,
  options: PassOptions,
  where: string,
): void {
  checkPass({ config, params, head: "any", tokens: ["tokens", tokens], key, options }, where);
  checkClassifierHead(params.head, mergedWidth(config), where);
}

function logitsAbove(
  config: ReformerConfig,
  { head }: Pick<EndParams<ClassifierHead>, "head">,
  streams: Streams,
  key: Value,
  { pool = "first", valid, mode }: ClassifyOptions,
): Value {
  const atStart = pool === "first" && config.conventions === "huggingface";
  const rate = mode === "training" ? config.dropout : 0;
  const drop: HeadDropout = { key: foldIn(key, config.layers.length + 1), rate };
  return classLogits(config, head, streams, { pool, valid: atStart ? null : valid }, drop);
}
