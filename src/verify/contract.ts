import type { GoldenCase } from "./case.ts";
import { plain, type Contract } from "./contract-shape.ts";
import { sequenceLength } from "./features.ts";
import { layersOf, modelContract } from "./huggingface/contract.ts";
import { isModelKind } from "./huggingface/model-kinds.ts";
import {
  attentionWeights,
  axialWeights,
  isMaskBuffer,
  layerWeights,
  type WeightShapes,
} from "../interop/huggingface/weights.ts";
import { lucidrainsContract } from "./lucidrains/contract.ts";

/** What a case of this kind must contain, or undefined for kinds that we do not know. */
export function contractOf(golden: GoldenCase): Contract | undefined {
  if (golden.kind.startsWith("lucidrains/")) return lucidrainsContract(golden);
  const config = golden.config ?? {};
  if (isModelKind(golden.kind)) return modelContract(golden, golden.kind);
  switch (golden.kind) {
    case "hf/ReformerLayer":
      return layerAloneContract(golden);
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

function layerAloneContract(golden: GoldenCase): Contract {
  const { config = {} } = golden;
  const kind = layersOf(golden)[0] ?? "lsh";
  const hashed = kind === "lsh" && sequenceLength(golden) > Number(config.lsh_attn_chunk_length);
  const outputs = ["attn_output", "hidden_states"];
  return {
    ...plain,
    weights: layerWeights(config, kind),
    inputs: ["input.hidden_states", "input.prev_attn_output", ...(hashed ? ["rotations"] : [])],
    optionalInputs: ["input.attention_mask"],
    buckets: hashed ? ["buckets"] : [],
    outputs,
    once: outputs,
    intermediate: /^literal\./,
  };
}

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

/** Weights that the case must bring, without the constants that a loader ignores. */
export const ownWeights = ({ weights }: GoldenCase): readonly string[] =>
  [...weights.keys()].filter((name) => !isMaskBuffer(name));
