import type { Value } from "../../core/value.ts";
import { reshape, transpose } from "../../numpy/index.ts";
import type { BodyParams, ReformerConfig, ReformerParams } from "../../reformer/index.ts";
import type { StateDict } from "../huggingface/parameters.ts";
import { attentionParamsOf, headSizes } from "./attention-params.ts";
import { axialTables } from "./axial-tables.ts";
import { blocks, modelHeadWidth, takeWeight } from "./model-config.ts";
import type { ModuleOptions } from "./module-options.ts";

/** The weights of lucidrains' layers as parameters of ours. */
export function layerParams(
  options: ModuleOptions,
  config: ReformerConfig,
  weights: StateDict,
): BodyParams["layers"] {
  const take = (name: string): Value => takeWeight(weights, name);
  const dense = (name: string) => ({
    kernel: transpose(take(`${name}.weight`)),
    bias: take(`${name}.bias`),
  });
  const tied = options.flag("weight_tie", false);
  const scalar = (name: string): Value => reshape(take(name), []);
  const before = (half: string) => {
    if (`${half}.g` in weights) return { norm: null, gain: scalar(`${half}.g`) };
    const scale = `${half}.norm.g`;
    return {
      norm: scale in weights ? { gamma: scalar(scale) } : normParams(weights, `${half}.norm`),
    };
  };
  return config.layers.map((_, layer) => {
    const own = blocks(layer);
    const shared = tied ? blocks(0) : own;
    const attention = attentionParamsOf(
      options,
      headSizes(options, modelHeadWidth),
      weights,
      `${shared}.f.net.fn.`,
    );
    return {
      f: {
        shared: { ...before(`${own}.f.net`), ...attention.shared },
        parts: attention.parts,
      },
      g: {
        ...before(`${own}.g.net`),
        inner: dense(`${shared}.g.net.fn.fn.w1`),
        outer: dense(`${shared}.g.net.fn.fn.w2`),
      },
    };
  });
}

/** The weights of lucidrains' ReformerLM as parameters of ours, without the output layer. */
export const bodyParams = (
  options: ModuleOptions,
  config: ReformerConfig,
  weights: StateDict,
): BodyParams => ({
  embedding: { table: takeWeight(weights, "token_emb.weight") },
  positions:
    config.positions.kind === "axial"
      ? { tables: axialTables(weights, "pos_emb.") }
      : config.positions.kind === "learned"
        ? { table: takeWeight(weights, "pos_emb.emb.weight") }
        : null,
  layers: layerParams(options, config, weights),
});

/** The same with the output layer. */
export const modelParams = (
  options: ModuleOptions,
  config: ReformerConfig,
  weights: StateDict,
): ReformerParams => ({
  ...bodyParams(options, config, weights),
  head: {
    norm: normParams(weights, "norm"),
    kernel: transpose(takeWeight(weights, "out.1.weight")),
    bias: takeWeight(weights, "out.1.bias"),
  },
});

/** Scale and shift of a layer norm. */
export const normParams = (weights: StateDict, name: string) => ({
  gamma: takeWeight(weights, `${name}.weight`),
  beta: takeWeight(weights, `${name}.bias`),
});
