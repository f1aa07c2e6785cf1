import type { Shape } from "../core/shape.ts";
import { isJsonObject, type Json, type JsonObject } from "../edge/json.ts";
import type { GoldenCase } from "./case.ts";
import { sequenceLength } from "./features.ts";
import {
  attentionWeights,
  axialWeights,
  isMaskBuffer,
  languageModelWeights,
  layerWeights,
  type WeightShapes,
} from "../interop/huggingface/weights.ts";
import { plain, type Contract } from "./contract-shape.ts";
import { lucidrainsContract } from "./lucidrains/contract.ts";

/** What a case of this kind must contain, or undefined for kinds that we do not know. */
export function contractOf(golden: GoldenCase): Contract | undefined {
  if (golden.kind.startsWith("lucidrains/")) return lucidrainsContract(golden);
  const config = golden.config ?? {};
  switch (golden.kind) {
    case "hf/LSHSelfAttention":
      return {
        ...plain,
        ...module(attentionWeights(config, "lsh"), "hidden_states", "out"),
        inputs: ["input.hidden_states", "input.grad_output", "rotations"],
        optionalInputs: ["input.attention_mask"],
        buckets: ["buckets"],
        intermediate: /^expected\.(undo_)?sorted_/,
      };
    case "hf/LocalSelfAttention":
      return {
        ...plain,
        ...module(attentionWeights(config, "local"), "hidden_states", "out"),
        inputs: ["input.hidden_states", "input.grad_output"],
        optionalInputs: ["input.attention_mask"],
      };
    case "hf/AxialPositionEmbeddings":
      return axialContract(axialWeights(config));
    case "hf/ReformerLayer in _ReversibleFunction":
      return layerContract(golden);
    case "hf/ReformerModelWithLMHead":
      return languageModelContract(golden);
    default:
      return undefined;
  }
}

const module = (weights: WeightShapes, input: string, output: string) => ({
  weights,
  outputs: [output],
  gradients: [input, ...weights.keys()],
});

function axialContract(weights: WeightShapes): Contract {
  const runs = ["train", "eval"];
  const inputs = runs.flatMap((run) => [`${run}.position_ids`, `${run}.grad_output`]);
  const gradients = runs.flatMap((run) => [...weights.keys()].map((name) => `${run}.grad.${name}`));
  return {
    ...plain,
    weights,
    inputs,
    outputs: runs.map((run) => `${run}.out`),
    gradients,
    bare: true,
  };
}

/** Kinds of the model's layers, from the input up. */
const layersOf = ({ config = {} }: GoldenCase): readonly string[] => {
  const layers: Json = config.attn_layers ?? [];
  return Array.isArray(layers) ? layers.map((layer) => (layer === "lsh" ? "lsh" : "local")) : [];
};

function layerContract(golden: GoldenCase): Contract {
  const kind = layersOf(golden)[0] ?? "lsh";
  const hashed = kind === "lsh";
  return {
    ...plain,
    ...module(layerWeights(golden.config ?? {}, kind), "x", "y"),
    inputs: ["input.x", "input.grad_output", ...(hashed ? ["rotations"] : [])],
    optionalInputs: ["input.attention_mask"],
    buckets: hashed ? ["buckets"] : [],
  };
}

function languageModelContract(golden: GoldenCase): Contract {
  const { config = {}, description } = golden;
  const weights = languageModelWeights(config);
  const chunk = config.lsh_attn_chunk_length;
  // A sequence that fits into one chunk is attended to as a whole, without hashing.
  const hashes = typeof chunk === "number" && sequenceLength(golden) > chunk;
  const hashed = layersOf(golden).flatMap((kind, i) => (hashes && kind === "lsh" ? [i] : []));
  const trained = [...weights.keys()].filter((name) => name !== "lm_head.decoder.bias");
  return {
    ...plain,
    weights,
    inputs: ["input.input_ids", "input.labels", ...hashed.map((layer) => `rotations.${layer}`)],
    optionalInputs: ["input.attention_mask"],
    buckets: hashed.map((layer) => `buckets.${layer}`),
    outputs: ["logits", "loss"],
    gradients: description.mode === "train" ? trained : [],
    intermediate:
      /^expected\.(embedding_output|layer\.\d+\.(attn_output|hidden_states))$|^info\.f32_rounding_positions$/,
  };
}

/** Shape that io.json promises for a tensor of io.safetensors. */
export const promisedShapes = (golden: GoldenCase): ReadonlyMap<string, Shape> =>
  new Map(
    promised(golden).flatMap(([name, { shape }]): [string, Shape][] =>
      Array.isArray(shape) ? [[name, shape.filter((n) => typeof n === "number")]] : [],
    ),
  );

/** Element types that io.json promises, where it does. */
export const promisedDTypes = (golden: GoldenCase): ReadonlyMap<string, Json> =>
  new Map(
    promised(golden).flatMap(([name, { dtype }]): [string, Json][] =>
      dtype === undefined ? [] : [[name, dtype]],
    ),
  );

const promised = ({ description }: GoldenCase): readonly (readonly [string, JsonObject])[] =>
  Object.entries(isJsonObject(description.tensors) ? description.tensors : {}).map(
    ([name, entry]) => [name, isJsonObject(entry) ? entry : {}],
  );

/** Weights that the case must bring, without the constants that a loader ignores. */
export const ownWeights = ({ weights }: GoldenCase): readonly string[] =>
  [...weights.keys()].filter((name) => !isMaskBuffer(name));
