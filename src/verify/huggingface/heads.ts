import { ReformaxError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import type { ParamsByHead } from "../../interop/huggingface/parameters.ts";
import { classesOf, type HeadKind } from "../../interop/huggingface/weights.ts";
import { pad, sliceInDim } from "../../lax/index.ts";
import { softplus } from "../../nn/index.ts";
import { astype, maximum, mean, multiply, reshape, square, subtract } from "../../numpy/index.ts";
import type { ReformerConfig, Streams } from "../../reformer/index.ts";
import { classLogits, classLoss } from "../../reformer/outputs/classification.ts";
import { meanLoss } from "../../reformer/outputs/mean-loss.ts";
import { mergedRows } from "../../reformer/outputs/merged-rows.ts";
import { outputLogits } from "../../reformer/outputs/next-token.ts";
import { spanLogits, spanLoss } from "../../reformer/outputs/spans.ts";
import { flattenRows, unflattenRows } from "../../reformer/row-chunks.ts";
import type { GoldenCase } from "../case.ts";
import { tensorNamed } from "../runner-support.ts";
import type { ModelName } from "./model-kinds.ts";

type AnyParams = ParamsByHead[HeadKind];

/** What a model answers, under the names of the case. */
export function answersOf(
  kind: ModelName,
  config: ReformerConfig,
  params: AnyParams,
  streams: Streams,
): Readonly<Record<string, Value>> {
  switch (kind) {
    case "hf/ReformerModel": {
      const { first, second } = streams;
      const rows = mergedRows(config, params.head.norm, flattenRows(first), flattenRows(second));
      return { last_hidden_state: unflattenRows(rows, first) };
    }
    case "hf/ReformerModelWithLMHead":
    case "hf/ReformerForMaskedLM":
      return { logits: outputLogits(config, tokenParams(params), streams) };
    case "hf/ReformerForSequenceClassification":
      return { logits: classScores(config, params, streams) };
    case "hf/ReformerForQuestionAnswering": {
      const { start, end } = spanScores(config, params, streams);
      return { start_logits: start, end_logits: end };
    }
    default:
      return kind satisfies never;
  }
}

/** The loss as HuggingFace has it, f32[]. */
export function lossOf(
  kind: ModelName,
  golden: GoldenCase,
  config: ReformerConfig,
  params: AnyParams,
  streams: Streams,
): Value {
  const target = (name: string): Tensor => tensorNamed(golden, `input.${name}`);
  switch (kind) {
    case "hf/ReformerModelWithLMHead":
      return meanLoss(config, tokenParams(params), streams, nextTokens(target("labels")));
    case "hf/ReformerForMaskedLM":
      return meanLoss(config, tokenParams(params), streams, target("labels"));
    case "hf/ReformerForSequenceClassification":
      return classificationLoss(golden, classScores(config, params, streams), target("labels"));
    case "hf/ReformerForQuestionAnswering": {
      // Positions below 0 are the first one.
      const place = (name: string): Value => maximum(target(name), 0);
      const spans = { start: place("start_positions"), end: place("end_positions") };
      return spanLoss(spanScores(config, params, streams), spans);
    }
    case "hf/ReformerModel":
      throw new ReformaxError("a model without a head has no loss", { where: "verify" });
    default:
      return kind satisfies never;
  }
}

/** The label of each position is the next token's; the last position has none. */
function nextTokens(labels: Tensor): Value {
  const [, length] = labels.shape;
  return pad(sliceInDim(labels, 1, length, 1), -1, [0, 0], [0, 1]);
}

/** One number, one of several classes, or any of them: as the configuration says, or by the number of classes and the labels' dtype. */
function classificationLoss({ config = {} }: GoldenCase, scores: Value, labels: Tensor): Value {
  const guess =
    classesOf(config) === 1
      ? "regression"
      : labels.dtype === "i32"
        ? "single_label_classification"
        : "multi_label_classification";
  switch (config.problem_type ?? guess) {
    case "regression":
      return mean(square(subtract(scores, reshape(astype(labels, "f32"), scores.shape))));
    case "multi_label_classification":
      return mean(subtract(softplus(scores), multiply(scores, astype(labels, "f32"))));
    default:
      return classLoss(scores, reshape(labels, [scores.shape[0]]));
  }
}

const classScores = (config: ReformerConfig, params: AnyParams, streams: Streams): Value =>
  classLogits(config, headOf<ParamsByHead["classes"]>(params, "inner"), streams, { pool: "first" });

const spanScores = (config: ReformerConfig, params: AnyParams, streams: Streams) =>
  spanLogits(config, headOf<ParamsByHead["spans"]>(params, "outer"), streams, null);

const tokenParams = (params: AnyParams): ParamsByHead["tokens"] => {
  headOf<ParamsByHead["tokens"]>(params, "bias");
  // The check above says that it is one.
  return params as ParamsByHead["tokens"];
};

/** The head of parameters that have this part in it. */
function headOf<P extends AnyParams>(params: AnyParams, part: string): P["head"] {
  if (part in params.head) return params.head;
  throw new ReformaxError("the weights are those of another head", {
    where: "verify",
    expected: part,
  });
}
