import { plain, type Contract } from "../contract-shape.ts";
import type { GoldenCase } from "../case.ts";
import { axialShapes } from "./axial.ts";

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

/** Attention weights are stored where they were asked for. */
function attentionOutputs(golden: GoldenCase): Pick<Contract, "outputs" | "once"> {
  const outputs = golden.tensors.has("expected.attn") ? ["out", "attn"] : ["out"];
  return { outputs, once: ["attn"] };
}

/** The results that only one run has stored. */
const once = ({ tensors }: GoldenCase, names: readonly string[]): readonly string[] =>
  names.filter((name) => !tensors.has(`expected64.${name}`) && !tensors.has(`grad64.${name}`));
