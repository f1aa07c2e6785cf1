/** Models that find an answer in a text, extractive question answering: `spans.init`, `spans.logits`, `spans.loss`. */
import { sequenceS } from "fp-ts/lib/Apply.js";
import * as S from "fp-ts/lib/State.js";
import { checkRecord } from "../../core/arguments.ts";
import type { Value } from "../../core/value.ts";
import { initDense, initLayerNorm } from "../../nn/index.ts";
import type { GradientTransformation } from "../../optim/index.ts";
import { checkSpanHead } from "../outputs/head-checks.ts";
import { mergedWidth } from "../outputs/merged-rows.ts";
import {
  spanLogits,
  spanLoss,
  type SpanHead,
  type SpanLogits,
  type Spans,
} from "../outputs/spans.ts";
import { checkConfig } from "./check-config.ts";
import { checkLabels, checkPass } from "./check-pass.ts";
import type { ReformerConfig } from "./config.ts";
import type { MeanLoss } from "./language-model.ts";
import type { ReformerParams } from "./params.ts";
import { initWithHead } from "./parameters.ts";
import { passThrough, type PassOptions } from "./run-stack.ts";
import { updateOutput, type UpdateStep } from "./update-through.ts";

/** Parameters of such a model. */
export type SpanParams = ReformerParams<SpanHead>;

/**
 * The parameters from one key u32[2]: those of the model, and a head.
 *
 * @example
 * import { key } from "reformax/random";
 * import { reformerConfig, spans } from "reformax/reformer";
 * console.log(spans.init(reformerConfig({ width: 16 }), key(0)).head.outer.kernel.shape); // => [ 32, 2 ]
 */
export function init(config: ReformerConfig, key: Value): SpanParams {
  checkConfig(config, "spans.init");
  const merged = mergedWidth(config);
  const head = record({ norm: initLayerNorm(merged), outer: initDense(merged, 2) });
  return initWithHead(config, head, "spans.init")(key)[0];
}

const record = sequenceS(S.Applicative);

/**
 * Logits of the first and the last position of the answer, f32[B, L] each, in texts i32[B, L] that hold question and passage.
 * What `valid` calls padding has -1e30, so that no answer is there; only with the conventions `huggingface` its logits stay as they
 * are and count in the loss.
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { reformerConfig, spans } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = spans.init(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * console.log(spans.logits(config, params, tokens, key(1)).start.shape); // => [ 1, 8 ]
 */
export function logits(
  config: ReformerConfig,
  params: SpanParams,
  tokens: Value,
  key: Value,
  options: PassOptions = {},
): SpanLogits {
  const where = "spans.logits";
  checkModel(config, params, tokens, key, options, where);
  const { streams } = passThrough(config, params, tokens, key, options, where);
  return spanLogits(config, params.head, streams, masking(config, options));
}

const masking = ({ conventions }: ReformerConfig, { valid }: PassOptions): Value | null =>
  conventions === "huggingface" ? null : (valid ?? null);

export interface SpanLoss extends MeanLoss {
  readonly logits: SpanLogits;
}

/**
 * Mean cross-entropy in nats of starts and ends i32[B], f32[], and the logits that it is of. Positions below 0 or behind the
 * text count nothing.
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { reformerConfig, spans } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = spans.init(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const answers = { start: array([2], "i32"), end: array([3], "i32") };
 * console.log(spans.loss(config, params, tokens, answers, key(1)).loss.item() > 1); // => true
 */
export function loss(
  config: ReformerConfig,
  params: SpanParams,
  tokens: Value,
  answers: Spans,
  key: Value,
  options: PassOptions = {},
): SpanLoss {
  const where = "spans.loss";
  checkModel(config, params, tokens, key, options, where);
  checkAnswers(answers, tokens, where);
  const { streams, ...passed } = passThrough(config, params, tokens, key, options, where);
  const given = spanLogits(config, params.head, streams, masking(config, options));
  return { ...passed, logits: given, loss: spanLoss(given, answers) };
}

/**
 * One training step in which the layers are updated inside the reverse sweep; its targets are starts and ends.
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { sgd } from "reformax/optim";
 * import { initUpdateState, reformerConfig, spans } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4, after: 1 }, local: { chunk: 4, after: 1 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, mask: "full", ...chunks });
 * const params = spans.init(config, key(0));
 * const tokens = array([[3, 1, 4, 1, 5, 9, 2, 6]], "i32");
 * const answers = { start: array([2], "i32"), end: array([3], "i32") };
 * const step = spans.lossAndUpdate(config, sgd(0.1));
 * const first = step(initUpdateState(sgd(0.1), params), tokens, answers, key(1));
 * const second = step(first.state, tokens, answers, key(1));
 * console.log(second.loss.item() < first.loss.item()); // => true
 */
export const lossAndUpdate = (
  config: ReformerConfig,
  optimizer: GradientTransformation,
): UpdateStep<SpanHead, Spans> =>
  updateOutput<SpanHead, Spans>(config, optimizer, {
    where: "spans.lossAndUpdate",
    head: "any",
    check: ({ params, inputs, targets }) => {
      checkSpanHead(params.head, mergedWidth(config), "spans.lossAndUpdate");
      checkAnswers(targets, inputs, "spans.lossAndUpdate");
    },
    lossAbove: ({ head }, streams, answers, { valid }) =>
      spanLoss(spanLogits(config, head, streams, masking(config, { valid })), answers),
  });

/** The arguments that all passes have. */
function checkModel(
  config: ReformerConfig,
  params: SpanParams,
  tokens: Value,
  key: Value,
  options: PassOptions,
  where: string,
): void {
  checkPass({ config, params, head: "any", tokens: ["tokens", tokens], key, options }, where);
  checkSpanHead(params.head, mergedWidth(config), where);
}

function checkAnswers(answers: Spans, tokens: Value, where: string): void {
  const { start, end } = checkRecord(answers, { start: "array", end: "array" }, "answers", where);
  checkLabels(start, tokens, "answers.start", where);
  checkLabels(end, tokens, "answers.end", where);
}
