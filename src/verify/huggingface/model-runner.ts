import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import { fromHuggingFace } from "../../interop/huggingface/load.ts";
import {
  paramsFromHuggingFace,
  type ParamsByHead,
  type StateDict,
} from "../../interop/huggingface/parameters.ts";
import type { HeadKind } from "../../interop/huggingface/weights.ts";
import * as ops from "../../ir/ops.ts";
import type { BodyParams, ReformerConfig } from "../../reformer/index.ts";
import { valueAndGrad } from "../../transforms/index.ts";
import type { CaseRunner, GoldenCase } from "../case.ts";
import {
  offsetBuckets,
  tensorNamed,
  tensorOf,
  weightsOf,
  type Results,
} from "../runner-support.ts";
import { hasGradients, hasTargets } from "./contract.ts";
import { decodeCase, isDecoding, prefixCase } from "./decoding.ts";
import { passWithRotations } from "./given-rotations.ts";
import { isModelKind, modelKinds, type ModelName } from "./model-kinds.ts";
import { answersOf, lossOf } from "./heads.ts";

/** HuggingFace's models: what they answer, buckets, loss, and in training mode every gradient. */
export const huggingFaceModel: CaseRunner = {
  kinds: Object.keys(modelKinds),
  features: new Set([
    "activation other than relu and gelu",
    "attention mask",
    "automatic bucket counts",
    "cached decoding",
    "bidirectional attention",
    "chunked feed-forward",
    "chunked head",
    "factorised bucket counts",
    "full attention for short sequences",
    "learned positions",
    "padding to the chunk length",
    "windows of other sizes",
  ]),
  run: (golden) =>
    Promise.resolve(isModelKind(golden.kind) ? resultsOf(golden, golden.kind) : new Map()),
};

const resultsOf = (golden: GoldenCase, kind: ModelName): Results =>
  isDecoding(golden)
    ? decodeCase(golden, runModel(prefixCase(golden), kind))
    : runModel(golden, kind);

function runModel(golden: GoldenCase, kind: ModelName): Results {
  const { head } = modelKinds[kind];
  const loaded = fromHuggingFace<HeadKind>(golden.config ?? {}, golden.weights, { head });
  const { params } = loaded;
  // A loss may count what masked tokens answer.
  const config: ReformerConfig = { ...loaded.config, attention: { maskedQueries: "window" } };
  const { streams, buckets } = runBody(golden, config, params);
  const results: Results = new Map();
  for (const [name, value] of Object.entries(answersOf(kind, config, params, streams)))
    results.set(name, tensorOf(value));
  for (const [layer, used] of buckets.entries()) {
    if (used) results.set(`buckets.${layer}`, offsetBuckets(golden, used, config));
  }
  if (!hasTargets(golden, kind)) return results;
  const loss = (weights: StateDict): Value => {
    const drawn: ParamsByHead[HeadKind] = paramsFromHuggingFace<HeadKind>(config, weights, head);
    return lossOf(kind, golden, config, drawn, runBody(golden, config, drawn).streams);
  };
  const weights = withoutCopies(weightsOf(golden));
  if (!hasGradients(golden, kind)) return results.set("loss", asVector(loss(weights)));
  const [value, gradients] = valueAndGrad<[StateDict]>(loss)(weights);
  results.set("loss", asVector(value));
  for (const [name, gradient] of Object.entries(gradients))
    results.set(`grad.${name}`, tensorOf(gradient));
  return results;
}

/** The streams above the layers, and the buckets of the padded sequences, with the rotations that the case gives. */
function runBody(golden: GoldenCase, config: ReformerConfig, params: BodyParams) {
  const tokens = tensorNamed(golden, "input.input_ids");
  const valid = golden.tensors.get("input.attention_mask") ?? null;
  return passWithRotations(config, params, tokens, golden.tensors, { valid });
}

const asVector = (value: Value): Tensor => tensorOf(ops.reshape(value, [1]));

/** `lm_head.decoder.bias` is a second name of `lm_head.bias`. */
const withoutCopies = (weights: StateDict): StateDict =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => name !== "lm_head.decoder.bias"));
