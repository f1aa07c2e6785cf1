import type { Shape } from "../../core/shape.ts";
import { isJsonObject, type Json, type JsonObject } from "../../edge/json.ts";

/** Names and shapes of a module's weights. */
export type WeightShapes = ReadonlyMap<string, Shape>;

const counts = (value: Json | undefined): readonly number[] =>
  Array.isArray(value) ? value.filter((n) => typeof n === "number") : [];

const count = (value: Json | undefined): number => (typeof value === "number" ? value : 0);

const under = (prefix: string, shapes: WeightShapes): [string, Shape][] =>
  [...shapes].map(([name, shape]) => [`${prefix}.${name}`, shape]);

const norm = (width: number): WeightShapes =>
  new Map([
    ["weight", [width]],
    ["bias", [width]],
  ]);

/** Projections of one attention module: shared query and key for LSH, separate ones for local attention. */
export function attentionWeights(config: JsonObject, kind: string): WeightShapes {
  const shape = [
    count(config.num_attention_heads) * count(config.attention_head_size),
    count(config.hidden_size),
  ];
  const names = kind === "lsh" ? ["query_key", "value"] : ["query", "key", "value"];
  return new Map(names.map((name) => [`${name}.weight`, shape]));
}

/** One table per axis: its own size on its axis, 1 on the others, then its share of the width. */
export function axialWeights(config: JsonObject): WeightShapes {
  const shape = counts(config.axial_pos_shape);
  const widths = counts(config.axial_pos_embds_dim);
  return new Map(
    widths.map((width, axis) => [
      `weights.${axis}`,
      [...shape.map((n, i) => (i === axis ? n : 1)), width],
    ]),
  );
}

/** Attention and feed-forward of one layer, with their norms. */
export function layerWeights(config: JsonObject, kind: string): WeightShapes {
  const width = count(config.hidden_size);
  const hidden = count(config.feed_forward_size);
  const heads = count(config.num_attention_heads) * count(config.attention_head_size);
  return new Map<string, Shape>([
    ...under("attention.layer_norm", norm(width)),
    ...under("attention.self_attention", attentionWeights(config, kind)),
    ["attention.output.dense.weight", [width, heads]],
    ...under("feed_forward.layer_norm", norm(width)),
    ["feed_forward.dense.dense.weight", [hidden, width]],
    ["feed_forward.dense.dense.bias", [hidden]],
    ["feed_forward.output.dense.weight", [width, hidden]],
    ["feed_forward.output.dense.bias", [width]],
  ]);
}

/** Embeddings, layers and the norm over both streams. */
export function modelWeights(config: JsonObject): WeightShapes {
  const width = count(config.hidden_size);
  const layers = Array.isArray(config.attn_layers) ? (config.attn_layers as readonly Json[]) : [];
  const positions: WeightShapes =
    config.axial_pos_embds === true
      ? axialWeights(config)
      : new Map([["embedding.weight", [count(config.max_position_embeddings), width]]]);
  return new Map<string, Shape>([
    ["embeddings.word_embeddings.weight", [count(config.vocab_size), width]],
    ...under("embeddings.position_embeddings", positions),
    ...layers.flatMap((kind, i) =>
      under(`encoder.layers.${i}`, layerWeights(config, String(kind))),
    ),
    ...under("encoder.layer_norm", norm(2 * width)),
  ]);
}

/** What a HuggingFace model gives: `tokens` of a vocabulary, `classes` of sequences, `spans` in them, or `none` of these. */
export type HeadKind = "tokens" | "classes" | "spans" | "none";

/** The names of HuggingFace's classes. */
export const architectures = {
  causal: "ReformerModelWithLMHead",
  masked: "ReformerForMaskedLM",
  classes: "ReformerForSequenceClassification",
  spans: "ReformerForQuestionAnswering",
  none: "ReformerModel",
} as const;

/** The weights of a head. The bias of a language model's is stored twice. */
function headWeights(kind: HeadKind, config: JsonObject): WeightShapes {
  const width = count(config.hidden_size);
  const merged = 2 * width;
  const vocabulary = count(config.vocab_size);
  switch (kind) {
    case "tokens":
      return new Map<string, Shape>([
        ["lm_head.decoder.weight", [vocabulary, merged]],
        ["lm_head.decoder.bias", [vocabulary]],
        ["lm_head.bias", [vocabulary]],
      ]);
    case "classes":
      return new Map<string, Shape>([
        ["classifier.dense.weight", [width, merged]],
        ["classifier.dense.bias", [width]],
        ["classifier.out_proj.weight", [classesOf(config), width]],
        ["classifier.out_proj.bias", [classesOf(config)]],
      ]);
    case "spans":
      return new Map<string, Shape>([
        ["qa_outputs.weight", [2, merged]],
        ["qa_outputs.bias", [2]],
      ]);
    case "none":
      return new Map();
    default:
      return kind satisfies never;
  }
}

/** Number of classes: HuggingFace's default is two, and files name them where there are others. */
export function classesOf({ id2label: labels, num_labels: number }: JsonObject): number {
  if (isJsonObject(labels)) return Object.keys(labels).length;
  return typeof number === "number" ? number : 2;
}

/** What HuggingFace calls a class that nobody has named. */
export const labelOf = (i: number): string => `LABEL_${i}`;

/** The model, below `reformer.` unless it is alone, and its head. */
export const allWeights = (kind: HeadKind, config: JsonObject): WeightShapes =>
  kind === "none"
    ? modelWeights(config)
    : new Map([...under("reformer", modelWeights(config)), ...headWeights(kind, config)]);

/** Scalars in published checkpoints that are constants of the code: a loader ignores them. */
export const isMaskBuffer = (name: string): boolean =>
  /\.self_attention\.(self_)?mask_value_float(16|32)$/.test(name);
