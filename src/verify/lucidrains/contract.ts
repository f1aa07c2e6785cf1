import { plain, type Contract } from "../contract-shape.ts";
import type { GoldenCase } from "../case.ts";
import { attentionShapes, headSizes } from "../../interop/lucidrains/attention-params.ts";
import { axialShapes } from "./axial.ts";
import { encoderDecoderContract } from "./encoder-decoder.ts";
import { modelWeights } from "../../interop/lucidrains/model-config.ts";
import { modelConfig } from "./model.ts";
import { optionsOf } from "./options.ts";

const masks = ["input.input_mask", "input.input_attn_mask", "input.pos_emb"];

/** What a case of lucidrains' modules must contain, or undefined for kinds that we do not know. */
export function lucidrainsContract(golden: GoldenCase): Contract | undefined {
  switch (golden.kind) {
    case "lucidrains/LSHAttention":
      return {
        ...plain,
        inputs: ["input.qk", "input.v", "input.grad_output", "rotations"],
        optionalInputs: masks,
        buckets: ["buckets"],
        ...attentionOutputs(golden),
        gradients: ["qk", "v"],
        intermediate: /^expected(64)?\.buckets$/,
      };
    case "lucidrains/FullQKAttention":
      return {
        ...plain,
        inputs: ["input.qk", "input.v", "input.grad_output"],
        optionalInputs: masks,
        ...attentionOutputs(golden),
        gradients: ["qk", "v"],
      };
    case "lucidrains/LSHSelfAttention": {
      const options = optionsOf(golden);
      const weights = new Map(attentionShapes(options, headSizes(options)));
      const rotations = golden.tensors.has("rotations.0") ? ["rotations.0"] : [];
      return {
        ...plain,
        weights,
        inputs: ["input.x", "input.grad_output", ...rotations],
        optionalInputs: [...masks, "input.keys", "input.context_mask"],
        buckets: rotations.length > 0 ? ["buckets.0"] : [],
        outputs: ["out"],
        gradients: ["x", ...keysGradient(golden), ...weights.keys()],
      };
    }
    case "lucidrains/ReformerLM":
    case "lucidrains/Autopadder":
    case "lucidrains/Autopadder(ReformerLM)":
      return modelContract(golden);
    case "lucidrains/ReformerEncDec":
      return encoderDecoderContract(golden);
    case "lucidrains/AxialPositionalEmbedding": {
      const weights = axialShapes(golden);
      const names = [...weights.keys()];
      return {
        ...plain,
        weights,
        inputs: ["input.grad_output"],
        optionalInputs: ["input.x"],
        outputs: ["out"],
        gradients: names,
        once: once(golden, ["out", ...names]),
      };
    }
    default:
      return undefined;
  }
}

function modelContract(golden: GoldenCase): Contract {
  const config = modelConfig(golden);
  const { trained, others } = modelWeights(optionsOf(golden), config);
  const hashed = config.layers.flatMap((kind, layer) => (kind === "lsh" ? [layer] : []));
  return {
    ...plain,
    weights: new Map([...trained, ...others]),
    inputs: ["input.input_ids", "input.labels", ...hashed.map((layer) => `rotations.${layer}`)],
    optionalInputs: ["input.input_mask", "input.input_attn_mask"],
    buckets: hashed.map((layer) => `buckets.${layer}`),
    outputs: ["logits", "loss"],
    gradients: golden.description.mode === "train" ? [...trained.keys()] : [],
  };
}

/** Gradients of another text's rows, where they were taken. */
const keysGradient = ({ tensors }: GoldenCase): readonly string[] =>
  tensors.has("grad.keys") || tensors.has("grad64.keys") ? ["keys"] : [];

/** Attention weights are stored where they were asked for. */
function attentionOutputs(golden: GoldenCase): Pick<Contract, "outputs" | "once"> {
  const outputs = golden.tensors.has("expected.attn") ? ["out", "attn"] : ["out"];
  return { outputs, once: ["attn"] };
}

/** The results that only one run has stored. */
const once = ({ tensors }: GoldenCase, names: readonly string[]): readonly string[] =>
  names.filter((name) => !tensors.has(`expected64.${name}`) && !tensors.has(`grad64.${name}`));
