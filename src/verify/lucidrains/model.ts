import type { Value } from "../../core/value.ts";
import { pad } from "../../lax/index.ts";
import { concatenate, full, index, reshape, slice, stack, transpose } from "../../numpy/index.ts";
import { forwardPass, type ReformerConfig, type ReformerParams } from "../../reformer/index.ts";
import type { AttentionContext } from "../../reformer/blocks/attention-params.ts";
import { stackContext, type ReformerContext } from "../../reformer/models/context.ts";
import { buildLayers } from "../../reformer/models/layers.ts";
import { runLayers } from "../../reformer/models/run-stack.ts";
import { embedTokens } from "../../reformer/models/token-vectors.ts";
import { meanLoss } from "../../reformer/outputs/mean-loss.ts";
import { outputLogits } from "../../reformer/outputs/next-token.ts";
import { key } from "../../random/index.ts";
import type { StateDict } from "../../interop/huggingface/parameters.ts";
import { valueAndGrad } from "../../transforms/index.ts";
import type { CaseRunner, GoldenCase } from "../case.ts";
import { tensorNamed, tensorOf, type Results } from "../runner-support.ts";
import { attentionParamsOf, headSizes } from "./attention-params.ts";
import { axialTables } from "./axial.ts";
import { lucidrainsOptions } from "./features.ts";
import {
  blocks,
  configFromOptions,
  modelHeadWidth,
  modelWeights,
  takeWeight,
} from "./model-config.ts";
import { optionsOf, type CaseOptions } from "./options.ts";
import { isFull, joinedBuckets, rotationsOfHead } from "./self-attention.ts";

/** lucidrains' language model, alone or in its Autopadder: loss, logits, buckets, and in training mode every gradient. */
export const lucidrainsLanguageModel: CaseRunner = {
  kinds: ["lucidrains/ReformerLM", "lucidrains/Autopadder", "lucidrains/Autopadder(ReformerLM)"],
  features: lucidrainsOptions,
  run: (golden) => {
    const options = optionsOf(golden);
    const config = modelConfig(golden);
    const { tokens, length, context } = inputsOf(golden, config);
    const dict: StateDict = Object.fromEntries(
      [...modelWeights(options, config).trained.keys()].map((name) => [
        name,
        takeWeight(Object.fromEntries(golden.weights), name),
      ]),
    );
    const targets = nextTokens(tensorNamed(golden, "input.labels"), tokens.shape[1]);
    const lossOf = (weights: StateDict): Value => {
      const params = paramsOf(options, config, weights);
      const embedded = embedTokens(config, params, tokens);
      const { streams } = runLayers(config, params.layers, embedded, context, "evaluation");
      return meanLoss(config, params, streams, targets);
    };
    const params = paramsOf(options, config, dict);
    const embedded = embedTokens(config, params, tokens);
    const { streams, saved } = forwardPass(
      buildLayers(config, "evaluation"),
      params.layers,
      { first: embedded, second: embedded },
      context,
    );
    const logits = index(outputLogits(config, params, streams), slice(), slice(0, length));
    const results: Results = new Map([["logits", tensorOf(logits)]]);
    const near = config.attention?.localHeads ?? 0;
    saved.forEach(({ f }, layer) => {
      const used = f as Value | null;
      if (!used) return;
      const heads = Array.from({ length: config.heads - near }, (_, h) => index(used, near + h));
      results.set(`buckets.${layer}`, joinedBuckets(heads, golden));
    });
    if (golden.description.mode !== "train") {
      return Promise.resolve(results.set("loss", tensorOf(reshape(lossOf(dict), [1]))));
    }
    const [value, gradients] = valueAndGrad<[StateDict]>(lossOf)(dict);
    results.set("loss", tensorOf(reshape(value, [1])));
    for (const [name, gradient] of Object.entries(gradients))
      results.set(`grad.${name}`, tensorOf(gradient));
    return Promise.resolve(results);
  },
};

/** The configuration of the case's model for the length of its text. */
export function modelConfig(golden: GoldenCase): ReformerConfig {
  const options = optionsOf(golden);
  return configFromOptions(options, isFull(options, keysOf(golden), 0));
}

/** Keys that its layers see. */
const keysOf = (golden: GoldenCase): number =>
  (golden.tensors.get("input.input_ids")?.shape[1] ?? 0) +
  optionsOf(golden).number("num_mem_kv", 0);

/** Tokens, padded as the Autopadder does where they are no multiple of two buckets, and what the layers read. */
function inputsOf(
  golden: GoldenCase,
  config: ReformerConfig,
): { readonly tokens: Value; readonly length: number; readonly context: ReformerContext } {
  const given = tensorNamed(golden, "input.input_ids");
  const [batch, length] = given.shape;
  const multiple = 2 * config.lsh.chunk;
  const hashed = config.layers.includes("lsh");
  const missing = hashed ? (multiple - (keysOf(golden) % multiple)) % multiple : 0;
  const behind = (x: Value): Value => pad(x, 0, [0, 0], [0, missing]);
  const mask = golden.tensors.get("input.input_mask");
  const isReal = mask ?? full([batch, length], 1, "i32");
  const valid = mask || missing > 0 ? behind(isReal) : null;
  const pairs = golden.tensors.get("input.input_attn_mask") ?? null;
  const drawn = stackContext(config, key(0), {
    mode: "evaluation",
    length: length + missing,
    valid,
    pairs,
  });
  const layers = drawn.layers.map((context, layer) => ({
    ...context,
    f: withRotations(context.f, golden.tensors.get(`rotations.${layer}`), config),
  }));
  return { tokens: behind(given), length, context: { ...drawn, layers } };
}

/** With the rotations that the case gives, in place of drawn ones. */
function withRotations(
  context: AttentionContext,
  given: Value | undefined,
  { heads, attention }: ReformerConfig,
): AttentionContext {
  if (!given) return context;
  const near = attention?.localHeads ?? 0;
  const ofHeads = Array.from({ length: heads }, (_, h) =>
    rotationsOfHead(given, Math.max(0, h - near), heads - near),
  );
  return { ...context, rotations: stack(ofHeads, 0) };
}

/** The label of each position is the next token's; the last position, and padding, have none. */
function nextTokens(labels: Value, padded: number): Value {
  const [batch, length] = labels.shape;
  const later = index(labels, slice(), slice(1));
  return concatenate([later, full([batch, padded - length + 1], -1, "i32")], 1);
}

function paramsOf(
  options: CaseOptions,
  config: ReformerConfig,
  weights: StateDict,
): ReformerParams {
  const take = (name: string): Value => takeWeight(weights, name);
  const norm = (name: string) => ({ gamma: take(`${name}.weight`), beta: take(`${name}.bias`) });
  const dense = (name: string) => ({
    kernel: transpose(take(`${name}.weight`)),
    bias: take(`${name}.bias`),
  });
  const tied = options.flag("weight_tie", false);
  const scalar = (name: string): Value => reshape(take(name), []);
  const before = (half: string) => {
    if (`${half}.g` in weights) return { norm: null, gain: scalar(`${half}.g`) };
    const scale = `${half}.norm.g`;
    return { norm: scale in weights ? { gamma: scalar(scale) } : norm(`${half}.norm`) };
  };
  return {
    embedding: { table: take("token_emb.weight") },
    positions:
      config.positions.kind === "axial"
        ? { tables: axialTables(weights, "pos_emb.") }
        : config.positions.kind === "learned"
          ? { table: take("pos_emb.emb.weight") }
          : null,
    layers: config.layers.map((_, layer) => {
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
    }),
    head: {
      norm: norm("norm"),
      kernel: transpose(take("out.1.weight")),
      bias: take("out.1.bias"),
    },
  };
}
