import type { Value } from "../../core/value.ts";
import { pad } from "../../lax/index.ts";
import type { Tensor } from "../../core/tensor.ts";
import { concatenate, full, index, reshape, slice, stack } from "../../numpy/index.ts";
import {
  forwardPass,
  type BodyParams,
  type ReformerConfig,
  type Streams,
} from "../../reformer/index.ts";
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
import { lucidrainsOptions } from "./features.ts";
import {
  configFromOptions,
  modelWeights,
  takeWeight,
} from "../../interop/lucidrains/model-config.ts";
import { modelParams } from "../../interop/lucidrains/model-params.ts";
import { optionsOf } from "./options.ts";
import { isFull, joinedBuckets, rotationsOfHead } from "./self-attention.ts";

/** lucidrains' language model, alone or in its Autopadder: loss, logits, buckets, and in training mode every gradient. */
export const lucidrainsLanguageModel: CaseRunner = {
  kinds: ["lucidrains/ReformerLM", "lucidrains/Autopadder", "lucidrains/Autopadder(ReformerLM)"],
  features: lucidrainsOptions,
  run: (golden) => {
    const options = optionsOf(golden);
    const config = modelConfig(golden);
    const { tokens, length, context } = inputsOf(golden, config);
    const dict = trainedWeights(golden, [...modelWeights(options, config).trained.keys()]);
    const targets = nextTokens(tensorNamed(golden, "input.labels"), tokens.shape[1]);
    const lossOf = (weights: StateDict): Value => {
      const params = modelParams(options, config, weights);
      const embedded = embedTokens(config, params, tokens);
      const { streams } = runLayers(config, params.layers, embedded, context, "evaluation");
      return meanLoss(config, params, streams, targets);
    };
    const params = modelParams(options, config, dict);
    const { streams, buckets } = runModel(golden, config, params, tokens, context);
    const logits = index(outputLogits(config, params, streams), slice(), slice(0, length));
    const results: Results = new Map([["logits", tensorOf(logits)], ...buckets]);
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

/** The weights that are trained, by their names. */
export function trainedWeights({ weights }: GoldenCase, names: readonly string[]): StateDict {
  const all = Object.fromEntries(weights);
  return Object.fromEntries(names.map((name) => [name, takeWeight(all, name)]));
}

/** The streams above the layers, and the buckets of each as the case lists them. */
export function runModel(
  golden: GoldenCase,
  config: ReformerConfig,
  params: BodyParams,
  tokens: Value,
  context: ReformerContext,
): { readonly streams: Streams; readonly buckets: Results } {
  const embedded = embedTokens(config, params, tokens);
  const { streams, saved } = forwardPass(
    buildLayers(config, "evaluation"),
    params.layers,
    { first: embedded, second: embedded },
    context,
  );
  const near = config.attention?.localHeads ?? 0;
  const buckets = saved.flatMap(({ f }, layer): [string, Tensor][] => {
    const used = f as Value | null;
    if (!used) return [];
    const heads = Array.from({ length: config.heads - near }, (_, h) => index(used, near + h));
    return [[`buckets.${layer}`, joinedBuckets(heads, golden)]];
  });
  return { streams, buckets: new Map(buckets) };
}

/** The configuration of the case's model for the length of its text, and another one's. */
export function modelConfig(golden: GoldenCase, other = 0): ReformerConfig {
  const options = optionsOf(golden);
  return configFromOptions(options, isFull(options, keysOf(golden, other), 0));
}

/** Keys that its layers see. */
const keysOf = (golden: GoldenCase, other: number): number =>
  (golden.tensors.get("input.input_ids")?.shape[1] ?? 0) +
  optionsOf(golden).number("num_mem_kv", 0) +
  other;

/** Another text that all layers see: f32[B, S, width], and which of its rows are real, i32[B, S]. */
export interface OtherText {
  readonly keys: Value;
  readonly keysValid: Value | null;
}

/** Tokens, padded as the Autopadder does where they are no multiple of two buckets, and what the layers read. */
export function inputsOf(
  golden: GoldenCase,
  config: ReformerConfig,
  other: OtherText | null = null,
): { readonly tokens: Value; readonly length: number; readonly context: ReformerContext } {
  const given = tensorNamed(golden, "input.input_ids");
  const [batch, length] = given.shape;
  const multiple = 2 * config.lsh.chunk;
  const hashed = config.layers.includes("lsh");
  const missing = hashed
    ? (multiple - (keysOf(golden, other?.keys.shape[1] ?? 0) % multiple)) % multiple
    : 0;
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
    ...other,
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
