import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import type { StateDict } from "../../interop/huggingface/parameters.ts";
import { concatenate, full, index, reshape, slice } from "../../numpy/index.ts";
import type { ReformerConfig, Streams } from "../../reformer/index.ts";
import { runLayers } from "../../reformer/models/run-stack.ts";
import { embedTokens } from "../../reformer/models/token-vectors.ts";
import { meanLoss } from "../../reformer/outputs/mean-loss.ts";
import { mergedRows } from "../../reformer/outputs/merged-rows.ts";
import { outputLogits } from "../../reformer/outputs/next-token.ts";
import { flattenRows, unflattenRows } from "../../reformer/row-chunks.ts";
import { valueAndGrad } from "../../transforms/index.ts";
import type { CaseRunner, GoldenCase } from "../case.ts";
import { plain, type Contract } from "../contract-shape.ts";
import { tensorNamed, tensorOf, type Results } from "../runner-support.ts";
import { lucidrainsOptions } from "./features.ts";
import { pairOptions } from "../../interop/lucidrains/pair-options.ts";
import { modelWeights } from "../../interop/lucidrains/model-config.ts";
import { bodyParams, modelParams, normParams } from "../../interop/lucidrains/model-params.ts";
import { inputsOf, modelConfig, runModel, trainedWeights } from "./model.ts";
import { optionsOf } from "./options.ts";

/** lucidrains' ReformerEncDec: the decoder's layers hash, or see as a whole, the encoder's result behind their own text. */
export const lucidrainsEncoderDecoder: CaseRunner = {
  kinds: ["lucidrains/ReformerEncDec"],
  features: lucidrainsOptions,
  run: (golden) => {
    const model = halvesOf(golden);
    const dict = trainedWeights(golden, trainedNames(model));
    const [value, gradients] = valueAndGrad<[StateDict]>((weights) => lossOf(model, weights))(dict);
    const results = resultsOf(model, dict).set("loss", tensorOf(reshape(value, [1])));
    for (const [name, gradient] of Object.entries(gradients))
      results.set(`grad.${name}`, tensorOf(gradient));
    return Promise.resolve(results);
  },
};

export function encoderDecoderContract(golden: GoldenCase): Contract {
  const halves = halvesOf(golden);
  const { enc, dec } = halves;
  const of = (kind: "rotations" | "buckets"): readonly string[] =>
    [enc, dec].flatMap(({ name, config }) =>
      config.layers.flatMap((layer, i) => (layer === "lsh" ? [`${name}.${kind}.${i}`] : [])),
    );
  const others = [enc, dec].flatMap((half) =>
    [...half.weights.others].map(([name, shape]) => [`${half.prefix}${name}`, shape] as const),
  );
  const trained = [enc, dec].flatMap((half) =>
    [...half.weights.trained].map(([name, shape]) => [`${half.prefix}${name}`, shape] as const),
  );
  return {
    ...plain,
    weights: new Map([...trained, ...others]),
    inputs: ["input.source", "input.input_ids", "input.labels", ...of("rotations")],
    optionalInputs: ["input.source_mask", "input.input_mask"],
    buckets: of("buckets"),
    outputs: ["logits", "loss"],
    gradients: trained.map(([name]) => name),
  };
}

/** One of the two models, as a case of its own. */
interface Half {
  readonly name: "enc" | "dec";
  /** Before the names of its weights. */
  readonly prefix: string;
  readonly golden: GoldenCase;
  readonly config: ReformerConfig;
  readonly weights: ReturnType<typeof modelWeights>;
}

interface Halves {
  readonly enc: Half;
  readonly dec: Half;
}

/** Both models of a case. */
export function halvesOf(golden: GoldenCase): Halves {
  const source = golden.tensors.get("input.source");
  const make = (name: "enc" | "dec", other: number): Half => {
    const own = halfCase(golden, name);
    const config = modelConfig(own, other);
    const weights = modelWeights(optionsOf(own), config, name === "dec");
    return { name, prefix: `${name}.net.net.`, golden: own, config, weights };
  };
  return { enc: make("enc", 0), dec: make("dec", source?.shape[1] ?? 0) };
}

function halfCase(golden: GoldenCase, name: "enc" | "dec"): GoldenCase {
  const options = pairOptions(optionsOf(golden).given)[name];
  const [ids, mask] =
    name === "enc"
      ? ["input.source", "input.source_mask"]
      : ["input.input_ids", "input.input_mask"];
  const tensors = [...golden.tensors].flatMap(([key, tensor]): [string, Tensor][] => {
    if (key === ids) return [["input.input_ids", tensor]];
    if (key === mask) return [["input.input_mask", tensor]];
    if (key === "input.labels") return [[key, tensor]];
    return key.startsWith(`${name}.`) ? [[key.slice(4), tensor]] : [];
  });
  return {
    ...golden,
    config: undefined,
    description: { ...golden.description, options },
    tensors: new Map(tensors),
  };
}

const trainedNames = ({ enc, dec }: Halves): readonly string[] =>
  [enc, dec].flatMap(({ prefix, weights }) =>
    [...weights.trained.keys()].map((name) => prefix + name),
  );

const ownWeights = ({ prefix }: Half, weights: StateDict): StateDict =>
  Object.fromEntries(
    Object.entries(weights).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );

/** What the encoder gives for its streams: their mean, normed, of the tokens without padding. */
function encoded({ golden, config }: Half, weights: StateDict, { first, second }: Streams): Value {
  const norm = normParams(weights, "norm");
  const rows = mergedRows(config, norm, flattenRows(first), flattenRows(second));
  const { length } = inputsOf(golden, config);
  return index(unflattenRows(rows, first), slice(), slice(0, length));
}

const otherText = ({ golden }: Half, keys: Value) => ({
  keys,
  keysValid: golden.tensors.get("input.input_mask") ?? null,
});

function lossOf({ enc, dec }: Halves, weights: StateDict): Value {
  const ofSource = inputsOf(enc.golden, enc.config);
  const encoder = ownWeights(enc, weights);
  const body = bodyParams(optionsOf(enc.golden), enc.config, encoder);
  const source = embedTokens(enc.config, body, ofSource.tokens);
  const run = runLayers(enc.config, body.layers, source, ofSource.context, "evaluation");
  const other = otherText(enc, encoded(enc, encoder, run.streams));
  const ofTarget = inputsOf(dec.golden, dec.config, other);
  const params = modelParams(optionsOf(dec.golden), dec.config, ownWeights(dec, weights));
  const target = embedTokens(dec.config, params, ofTarget.tokens);
  const above = runLayers(dec.config, params.layers, target, ofTarget.context, "evaluation");
  return meanLoss(dec.config, params, above.streams, paddedLabels(dec, ofTarget.tokens.shape[1]));
}

/** What follows each token; nothing follows padding. */
function paddedLabels({ golden }: Half, padded: number): Value {
  const labels = tensorNamed(golden, "input.labels");
  const [batch, length] = labels.shape;
  return concatenate([labels, full([batch, padded - length], -1, "i32")], 1);
}

/** Logits, and buckets of both. */
function resultsOf({ enc, dec }: Halves, weights: StateDict): Results {
  const encoder = ownWeights(enc, weights);
  const body = bodyParams(optionsOf(enc.golden), enc.config, encoder);
  const ofSource = inputsOf(enc.golden, enc.config);
  const below = runModel(enc.golden, enc.config, body, ofSource.tokens, ofSource.context);
  const other = otherText(enc, encoded(enc, encoder, below.streams));
  const params = modelParams(optionsOf(dec.golden), dec.config, ownWeights(dec, weights));
  const ofTarget = inputsOf(dec.golden, dec.config, other);
  const above = runModel(dec.golden, dec.config, params, ofTarget.tokens, ofTarget.context);
  const logits = outputLogits(dec.config, params, above.streams);
  const named = ({ name }: Half, buckets: Results): [string, Tensor][] =>
    [...buckets].map(([key, tensor]) => [`${name}.${key}`, tensor]);
  return new Map([
    ["logits", tensorOf(index(logits, slice(), slice(0, ofTarget.length)))],
    ...named(enc, below.buckets),
    ...named(dec, above.buckets),
  ]);
}
