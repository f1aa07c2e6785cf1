import type { Json } from "../../edge/json.ts";
import { isJsonObject } from "../../edge/json.ts";
import { readConfig } from "../../interop/huggingface/config.ts";
import { allWeights } from "../../interop/huggingface/weights.ts";
import { commonLength } from "../../reformer/models/common-length.ts";
import type { GoldenCase } from "../case.ts";
import { roundedTolerance } from "../compare.ts";
import { plain, type Contract } from "../contract-shape.ts";
import { sequenceLength } from "../features.ts";
import { promisedShapes } from "../promises.ts";
import { decodingContract, isDecoding } from "./decoding.ts";
import { modelKinds, type ModelName } from "./model-kinds.ts";
import * as E from "fp-ts/lib/Either.js";

/** Kinds of the model's layers, from the input up. */
export const layersOf = ({ config = {} }: GoldenCase): readonly string[] => {
  const layers: Json = config.attn_layers ?? [];
  return Array.isArray(layers) ? layers.map((layer) => (layer === "lsh" ? "lsh" : "local")) : [];
};

/** Whether the case is one of HuggingFace's own tests, of which the float32 run alone is stored. */
export const isOwnTest = ({ description }: GoldenCase): boolean =>
  typeof description.test === "string";

/** Whether the case has what its loss is computed from. */
export const hasTargets = (golden: GoldenCase, kind: ModelName): boolean => {
  const promised = promisedShapes(golden);
  const targets: readonly string[] = modelKinds[kind].targets;
  return targets.length > 0 && targets.every((name) => promised.has(name));
};

/** Whether the case has the gradient of its loss. */
export const hasGradients = (golden: GoldenCase, kind: ModelName): boolean =>
  hasTargets(golden, kind) &&
  (isOwnTest(golden)
    ? [...promisedShapes(golden).keys()].some((name) => name.startsWith("grad."))
    : golden.description.mode === "train");

export function modelContract(golden: GoldenCase, kind: ModelName): Contract {
  const { config = {} } = golden;
  const { head, outputs, targets } = modelKinds[kind];
  const weights = allWeights(head, config);
  const hashed = hashedLayers(golden);
  if (isDecoding(golden)) return decodingContract(golden, hashed);
  const results = hasTargets(golden, kind) ? [...outputs, "loss"] : outputs;
  // The bias of a language model's head is stored under two names, and trained under one.
  const trained = [...weights.keys()].filter((name) => name !== "lm_head.decoder.bias");
  const gradients = hasGradients(golden, kind) ? trained : [];
  return {
    ...plain,
    weights,
    inputs: [
      "input.input_ids",
      ...(hasTargets(golden, kind) ? targets : []),
      ...hashed.map((layer) => `rotations.${layer}`),
    ],
    optionalInputs: ["input.attention_mask"],
    buckets: hashed.map((layer) => `buckets.${layer}`),
    outputs: results,
    gradients,
    ...(isOwnTest(golden) && {
      once: [...results, ...gradients],
      ...(layersOf(golden).includes("lsh") && { tolerance: roundedTolerance }),
    }),
    intermediate:
      /^expected\.(embedding_output|layer\.\d+\.(attn_output|hidden_states))$|^info\.f32_rounding_positions$|^literal\./,
  };
}

/** Layers that hash: a sequence that fits into one chunk is attended to as a whole. */
function hashedLayers(golden: GoldenCase): readonly number[] {
  const read = readConfig(isJsonObject(golden.config) ? golden.config : {});
  const length = sequenceLength(golden);
  // What cannot be read is reported elsewhere.
  if (E.isLeft(read)) return [];
  const config = read.right;
  if (commonLength(config, length) <= config.lsh.chunk) return [];
  return config.layers.flatMap((kind, layer) => (kind === "lsh" ? [layer] : []));
}
