import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import type { LayerNormParams } from "../../nn/index.ts";
import type {
  BodyParams,
  classifier,
  ReformerConfig,
  ReformerLayerParams,
  ReformerParams,
  spans,
} from "../../reformer/index.ts";
import type { HeadKind } from "./weights.ts";

/** Arrays under the names of a HuggingFace state dict. */
export type StateDict = Readonly<Record<string, Value>>;

/** A model's parameters by what it gives. */
export interface ParamsByHead {
  readonly tokens: ReformerParams;
  readonly classes: classifier.ClassifierParams;
  readonly spans: spans.SpanParams;
  /** Only the norm of what both streams are side by side. */
  readonly none: ReformerParams<{ readonly norm: LayerNormParams }>;
}

/**
 * A HuggingFace state dict as our parameters. Only re-arranges, so that gradients flow back to the original names:
 * differentiate a loss through it to get them.
 */
export function paramsFromHuggingFace<Kind extends HeadKind = "tokens">(
  config: ReformerConfig,
  weights: StateDict,
  kind: Kind = "tokens" as Kind,
): ParamsByHead[Kind] {
  const norm = (prefix: string): LayerNormParams => normOf(weights, `${prefix}encoder.layer_norm`);
  const reformer = "reformer.";
  const heads: { readonly [K in HeadKind]: () => ParamsByHead[K] } = {
    tokens: () => ({
      ...bodyFromHuggingFace(config, weights, reformer),
      head: {
        norm: norm(reformer),
        kernel: transposed(take(weights, "lm_head.decoder.weight")),
        bias: take(weights, "lm_head.bias"),
      },
    }),
    classes: () => ({
      ...bodyFromHuggingFace(config, weights, reformer),
      head: {
        norm: norm(reformer),
        inner: denseOf(weights, "classifier.dense"),
        outer: denseOf(weights, "classifier.out_proj"),
      },
    }),
    spans: () => ({
      ...bodyFromHuggingFace(config, weights, reformer),
      head: { norm: norm(reformer), outer: denseOf(weights, "qa_outputs") },
    }),
    none: () => ({ ...bodyFromHuggingFace(config, weights, ""), head: { norm: norm("") } }),
  };
  return heads[kind]();
}

/** What stands below the head, from the weights under `prefix`. */
function bodyFromHuggingFace(
  config: ReformerConfig,
  weights: StateDict,
  prefix: string,
): BodyParams {
  const positions = `${prefix}embeddings.position_embeddings`;
  return {
    embedding: { table: take(weights, `${prefix}embeddings.word_embeddings.weight`) },
    positions:
      config.positions.kind === "axial"
        ? { tables: axialTables(weights, positions, config.positions.widths) }
        : { table: take(weights, `${positions}.embedding.weight`) },
    layers: config.layers.map((kind, i) =>
      layerFromHuggingFace(config, kind, weights, `${prefix}encoder.layers.${i}.`),
    ),
  };
}

/** Tables [1, ..., size, ..., 1, width] as [size, width]. */
export const axialTables = (
  weights: StateDict,
  prefix: string,
  widths: readonly number[],
): readonly Value[] =>
  widths.map((width, axis) => {
    const table = take(weights, `${prefix}.weights.${axis}`);
    return ops.reshape(table, [table.shape[axis], width]);
  });

/** One layer's parameters from the weights under `prefix`. */
export function layerFromHuggingFace(
  config: ReformerConfig,
  kind: "lsh" | "local" | "full",
  weights: StateDict,
  prefix: string,
): ReformerLayerParams {
  const attention = `${prefix}attention.`;
  const feedForward = `${prefix}feed_forward.`;
  return {
    f: {
      shared: { norm: normOf(weights, `${attention}layer_norm`) },
      parts: {
        ...headProjections(config, kind, weights, `${attention}self_attention.`),
        output: outputProjection(config, take(weights, `${attention}output.dense.weight`)),
      },
    },
    g: {
      norm: normOf(weights, `${feedForward}layer_norm`),
      inner: denseOf(weights, `${feedForward}dense.dense`),
      outer: denseOf(weights, `${feedForward}output.dense`),
    },
  };
}

/** Queries, keys and values f32[heads, d, width] from matrices [heads * width, d]. */
export function headProjections(
  { heads, headWidth, width }: ReformerConfig,
  kind: "lsh" | "local" | "full",
  weights: StateDict,
  prefix: string,
): { readonly query: Value; readonly key?: Value; readonly value: Value } {
  const inward = (name: string): Value =>
    ops.transpose(
      ops.reshape(take(weights, `${prefix}${name}.weight`), [heads, headWidth, width]),
      [0, 2, 1],
    );
  if (kind === "local")
    return { query: inward("query"), key: inward("key"), value: inward("value") };
  return { query: inward("query_key"), value: inward("value") };
}

/** f32[heads, width, d] from a matrix [d, heads * width]. */
const outputProjection = ({ heads, headWidth, width }: ReformerConfig, weight: Value): Value =>
  ops.reshape(transposed(weight), [heads, headWidth, width]);

const transposed = (weight: Value): Value => ops.transpose(weight, [1, 0]);

const normOf = (weights: StateDict, prefix: string): { gamma: Value; beta: Value } => ({
  gamma: take(weights, `${prefix}.weight`),
  beta: take(weights, `${prefix}.bias`),
});

const denseOf = (weights: StateDict, prefix: string): { kernel: Value; bias: Value } => ({
  kernel: transposed(take(weights, `${prefix}.weight`)),
  bias: take(weights, `${prefix}.bias`),
});

function take(weights: StateDict, name: string): Value {
  const found = weights[name];
  if (found) return found;
  throw new ReformaxError("a weight is missing", { where: "huggingface", expected: name });
}
