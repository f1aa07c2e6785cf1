import { ReformaxError } from "../../core/errors.ts";
import type { Activation, ReformerConfig } from "../../reformer/index.ts";
import type { Json, JsonObject } from "../../edge/json.ts";

/**
 * The configuration of a HuggingFace Reformer (config.json) as ours: preset `huggingface`, float streams, so
 * that its published weights give its results.
 *
 * @throws ReformaxError for settings that have no counterpart
 */
export function configFromHuggingFace(config: JsonObject): ReformerConfig {
  const layers = list(config, "attn_layers").map((kind) => {
    if (kind === "lsh" || kind === "local") return kind;
    throw unsupported("attn_layers", '"lsh" or "local"', kind);
  });
  const width = count(config, "hidden_size");
  return {
    conventions: "huggingface",
    vocabulary: count(config, "vocab_size"),
    width,
    heads: count(config, "num_attention_heads"),
    headWidth: count(config, "attention_head_size"),
    feedForwardWidth: count(config, "feed_forward_size"),
    activation: activationOf(config.hidden_act),
    layers,
    local: windowOf(config, "local"),
    lsh: {
      ...windowOf(config, "lsh"),
      rounds: count(config, "num_hashes"),
      evaluationRounds: null,
      buckets: bucketsOf(config),
    },
    positions:
      config.axial_pos_embds === true
        ? {
            kind: "axial",
            shape: list(config, "axial_pos_shape").map(Number),
            widths: list(config, "axial_pos_embds_dim").map(Number),
          }
        : { kind: "learned", length: count(config, "max_position_embeddings") },
    tiedEmbedding: false,
    dropout: 0,
    attentionDropout: 0,
    normEpsilon: Number(config.layer_norm_eps),
    reversible: "float",
    fractionBits: 20,
    feedForwardChunk: chunkOf(config.chunk_size_feed_forward),
    lossChunk: chunkOf(config.chunk_size_lm_head),
  };
}

function windowOf(config: JsonObject, kind: "local" | "lsh"): ReformerConfig["local"] {
  if (config[`${kind}_attn_chunk_length`] === undefined) return { chunk: 64, before: 1, after: 0 };
  return {
    chunk: count(config, `${kind}_attn_chunk_length`),
    before: Number(config[`${kind}_num_chunks_before`] ?? 1),
    after: Number(config[`${kind}_num_chunks_after`] ?? 0),
  };
}

function bucketsOf({ num_buckets: buckets }: JsonObject): ReformerConfig["lsh"]["buckets"] {
  if (buckets === null || buckets === undefined) return "auto";
  return Array.isArray(buckets) ? (buckets as readonly Json[]).map(Number) : Number(buckets);
}

const chunkOf = (value: Json | undefined): number | null =>
  typeof value === "number" && value > 0 ? value : null;

function activationOf(name: Json | undefined): Activation {
  if (name === "relu" || name === "gelu") return name;
  if (name === "gelu_new") return "geluTanh";
  throw unsupported("hidden_act", "relu, gelu or gelu_new", name);
}

function count(config: JsonObject, key: string): number {
  const value = config[key];
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw unsupported(key, "a positive integer", value);
}

function list(config: JsonObject, key: string): readonly Json[] {
  const value = config[key];
  if (Array.isArray(value)) return value as readonly Json[];
  throw unsupported(key, "a list", value);
}

const unsupported = (key: string, expected: string, got: Json | undefined): ReformaxError =>
  new ReformaxError(`config.json: ${key} cannot be used`, {
    where: "huggingface",
    expected,
    got: JSON.stringify(got),
  });
