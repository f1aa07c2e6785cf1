import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { conventions } from "../../reformer/attention/conventions.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";
import type { Json, JsonObject } from "../../edge/json.ts";
import { differences } from "../../edge/merge-json.ts";
import { unlessProblems, within, type Problem, type Validated } from "../../edge/problem.ts";
import { activationNames, hiddenActivations } from "./activations.ts";
import { readConfig } from "./config.ts";
import { architectures, type HeadKind } from "./weights.ts";

const architectureOf = (head: HeadKind, { mask }: ReformerConfig): string =>
  architectures[head === "tokens" ? (mask === "full" ? "masked" : "causal") : head];

/**
 * A configuration of ours as a config.json of HuggingFace's: the inverse of `readConfig`, but for what does not change results. Chunks of
 * rows are left out, as those of HuggingFace must divide the length.
 *
 * @returns the configuration, or every setting that has no field there: reading what is written would give another one
 */
export function writeConfig(config: ReformerConfig, head: HeadKind): Validated<JsonObject> {
  const written = fieldsOf(config, head);
  return within("config.")(
    pipe(
      readConfig(written),
      E.chain((read) =>
        unlessProblems(
          differences(essential(config), essential(read)).map(({ where, a, b }): Problem => ({
            where,
            problem: "has no field in HuggingFace's configuration",
            expected: JSON.stringify(b) ?? "nothing",
            got: JSON.stringify(a) ?? "nothing",
          })),
          () => written,
        ),
      ),
    ),
  );
}

/** Several names stand for the same function: `gelu_new` is the one that transformers itself writes. */
const preferred = ["gelu_new", ...activationNames] as const;

function fieldsOf(config: ReformerConfig, head: HeadKind): JsonObject {
  const { local, lsh, positions, mask = "causal" } = config;
  const act = preferred.find((name) => hiddenActivations[name] === config.activation);
  return {
    architectures: [architectureOf(head, config)],
    model_type: "reformer",
    is_decoder: mask === "causal",
    vocab_size: config.vocabulary,
    hidden_size: config.width,
    num_attention_heads: config.heads,
    attention_head_size: config.headWidth,
    feed_forward_size: config.feedForwardWidth,
    hidden_act: act ?? "relu",
    attn_layers: config.layers.map((kind) => (kind === "full" ? "lsh" : kind)),
    num_hidden_layers: config.layers.length,
    local_attn_chunk_length: local.chunk,
    local_num_chunks_before: local.before,
    local_num_chunks_after: local.after,
    lsh_attn_chunk_length: lsh.chunk,
    lsh_num_chunks_before: lsh.before,
    lsh_num_chunks_after: lsh.after,
    num_hashes: lsh.rounds,
    num_buckets: lsh.buckets === "auto" ? null : lsh.buckets,
    hidden_dropout_prob: config.dropout,
    lsh_attention_probs_dropout_prob: config.attentionDropout,
    local_attention_probs_dropout_prob: config.attentionDropout,
    layer_norm_eps: config.normEpsilon ?? conventions.huggingface.normEpsilon,
    max_position_embeddings: longestOf(config),
    axial_pos_embds: positions.kind === "axial",
    ...(positions.kind === "axial" && {
      axial_pos_shape: positions.shape,
      axial_pos_embds_dim: positions.widths,
    }),
    chunk_size_feed_forward: 0,
    chunk_size_lm_head: 0,
    tie_word_embeddings: false,
    torch_dtype: "float32",
  };
}

/**
 * What HuggingFace takes as the longest sequence. Its count of automatic buckets follows from it, so that the count that the
 * configuration names decides where the positions leave a choice.
 */
function longestOf({ positions, lsh }: ReformerConfig): number {
  if (positions.kind === "learned") return positions.length;
  const all =
    positions.kind === "axial" ? positions.shape.reduce((product, n) => product * n, 1) : 1;
  if (lsh.buckets !== "auto" || lsh.powersUpTo === undefined) return all;
  const root = Math.floor(lsh.powersUpTo / 2);
  const least = root > lsh.chunk ? root * root * lsh.chunk : 1;
  return Math.min(Math.max(all, least), (root + 1) * (root + 1) * lsh.chunk - 1);
}

/** What is as good as left out, by its path. */
const defaults: Readonly<Record<string, Json>> = {
  "feedForward.gated": false,
  "lsh.centred": false,
  "lsh.bestBuckets": false,
  "lsh.sameBucket": conventions.huggingface.sameBucket,
  "lsh.duplicates": conventions.huggingface.duplicates,
  "lsh.circular": conventions.huggingface.circular,
  "lsh.hashMasked": false,
  "lsh.hashDropout": 0,
  "lsh.rotations": "head",
  "local.queryKey": "separate",
  "positions.combination": "concatenate",
  "residual.norm": "layer",
  "residual.gain": false,
  "residual.layerDropout": 0,
  "attention.oneValueHead": false,
  "attention.outputBias": false,
  "attention.maskedQueries": "others",
};

/** What decides the results of a trained model: how it was trained and how it is computed in pieces does not. */
function essential(config: ReformerConfig): JsonObject {
  const { layers, lsh, full, feedForward = {}, reversible, mask = "causal" } = config;
  const { dropoutAt: _at, innerDropout: _rate, ...kept } = feedForward;
  const rounds = lsh.evaluationRounds === lsh.rounds ? null : lsh.evaluationRounds;
  const { fractionBits: _bits, feedForwardChunk: _rows, lossChunk: _loss, ...rest } = config;
  return withoutDefaults(
    {
      ...rest,
      mask,
      feedForward: kept,
      lsh: layers.includes("lsh") ? { ...lsh, evaluationRounds: rounds } : null,
      full: layers.includes("full") && full ? full : null,
      reversible: reversible === "exact" ? "float" : reversible,
      normEpsilon: config.normEpsilon ?? conventions.huggingface.normEpsilon,
      dropout: 0,
      attentionDropout: 0,
    } as unknown as JsonObject,
    "",
  );
}

/** HuggingFace answers masked tokens by their window; only their own results differ, which mean nothing. */
const isDefault = (where: string, value: Json): boolean =>
  defaults[where] === value || (where === "attention.maskedQueries" && value === "window");

function withoutDefaults(config: JsonObject, path: string): JsonObject {
  const kept = Object.entries(config).flatMap(
    ([key, value]): readonly (readonly [string, Json])[] => {
      const where = `${path}${key}`;
      if (value === undefined || isDefault(where, value)) return [];
      if (typeof value !== "object" || value === null || Array.isArray(value))
        return [[key, value]];
      const inner = withoutDefaults(value as JsonObject, `${where}.`);
      return Object.keys(inner).length === 0 ? [] : [[key, inner]];
    },
  );
  return Object.fromEntries(kept);
}
