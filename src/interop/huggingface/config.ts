import { sequenceS } from "fp-ts/lib/Apply.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import {
  boolean,
  either,
  integer,
  listOf,
  nullable,
  number,
  oneOf,
  struct,
  withDefault,
  type Decoded,
  type Decoder,
} from "../../edge/decoder.ts";
import { asJsonObject, type JsonObject } from "../../edge/json.ts";
import {
  orThrow,
  unlessProblems,
  validation,
  within,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import { activationNames, hiddenActivations } from "./activations.ts";
import { mostInOneFactor } from "./bucket-rule.ts";
import type { ReformerFields } from "../../reformer/models/config-fields.ts";
import { reformerProblems } from "../../reformer/models/config-problems.ts";
import type { PositionConfig, ReformerConfig } from "../../reformer/models/config.ts";

const positive = integer({ min: 1, max: 2 ** 30 });
const count = integer({ min: 0, max: 2 ** 30 });
const factor = integer({ min: 2, max: 2 ** 24 });

/** Where files leave something out, HuggingFace's default stands. */
const fields = {
  vocab_size: positive,
  hidden_size: positive,
  num_attention_heads: positive,
  attention_head_size: positive,
  feed_forward_size: positive,
  hidden_act: oneOf(...activationNames),
  is_decoder: withDefault(boolean, false),
  attn_layers: listOf(oneOf("local", "lsh"), { min: 1 }),
  local_attn_chunk_length: withDefault(positive, 64),
  local_num_chunks_before: withDefault(count, 1),
  local_num_chunks_after: withDefault(count, 0),
  lsh_attn_chunk_length: withDefault(positive, 64),
  lsh_num_chunks_before: withDefault(count, 1),
  lsh_num_chunks_after: withDefault(count, 0),
  num_hashes: withDefault(positive, 1),
  num_buckets: withDefault(
    nullable(either(factor, listOf(factor, { min: 1 }), "a number, a list of factors or null")),
    null,
  ),
  layer_norm_eps: withDefault(number({ above: 0 }), 1e-12),
  max_position_embeddings: withDefault(positive, 4096),
  chunk_size_feed_forward: withDefault(count, 0),
  chunk_size_lm_head: withDefault(count, 0),
};

/** Some of an object's keys: a config.json holds much that the model does not depend on. */
const among =
  <T extends object>(wanted: { readonly [K in keyof T]: Decoder<T[K]> }) =>
  (config: JsonObject): Validated<T> => {
    const known = Object.keys(wanted).filter((key) => Object.hasOwn(config, key));
    return struct<T>(wanted)(Object.fromEntries(known.map((key) => [key, config[key]])), "");
  };

type Common = { readonly [K in keyof typeof fields]: Decoded<(typeof fields)[K]> };

const commonOf = among<Common>(fields);

const positionFields = {
  axial_pos_embds: boolean,
  axial_pos_shape: listOf(positive, { min: 1 }),
  axial_pos_embds_dim: listOf(positive, { min: 1 }),
  max_position_embeddings: positive,
};

/** A problem for each setting that is there and could not be read. What is missing, or unknown, is no matter here. */
export const settingProblems = (config: JsonObject): readonly Problem[] =>
  Object.entries<Decoder<unknown>>({ ...fields, ...positionFields }).flatMap(([key, decode]) => {
    if (!Object.hasOwn(config, key)) return [];
    const read = decode(config[key], key);
    return E.isLeft(read) ? read.left : [];
  });

const axialOf = among({
  axial_pos_shape: positionFields.axial_pos_shape,
  axial_pos_embds_dim: positionFields.axial_pos_embds_dim,
});

const learnedOf = among({ max_position_embeddings: positionFields.max_position_embeddings });

const positionsOf = (config: JsonObject): Validated<PositionConfig> =>
  config.axial_pos_embds === true
    ? pipe(
        axialOf(config),
        E.map((found) => ({
          kind: "axial",
          shape: found.axial_pos_shape,
          widths: found.axial_pos_embds_dim,
        })),
      )
    : pipe(
        learnedOf(config),
        E.map((found) => ({ kind: "learned", length: found.max_position_embeddings })),
      );

const rowChunkOf = (rows: number): number | null => (rows > 0 ? rows : null);

function configOf(found: Common, positions: PositionConfig): ReformerConfig & ReformerFields {
  return {
    conventions: "huggingface",
    vocabulary: found.vocab_size,
    width: found.hidden_size,
    heads: found.num_attention_heads,
    headWidth: found.attention_head_size,
    feedForwardWidth: found.feed_forward_size,
    activation: hiddenActivations[found.hidden_act],
    layers: found.attn_layers,
    mask: found.is_decoder ? "causal" : "full",
    local: {
      chunk: found.local_attn_chunk_length,
      before: found.local_num_chunks_before,
      after: found.local_num_chunks_after,
    },
    lsh: {
      chunk: found.lsh_attn_chunk_length,
      before: found.lsh_num_chunks_before,
      after: found.lsh_num_chunks_after,
      rounds: found.num_hashes,
      evaluationRounds: null,
      buckets: found.num_buckets ?? "auto",
      ...(found.num_buckets === null && {
        powersUpTo: mostInOneFactor(found.max_position_embeddings, found.lsh_attn_chunk_length),
      }),
      centred: false,
    },
    positions,
    tiedEmbedding: false,
    dropout: 0,
    attentionDropout: 0,
    normEpsilon: found.layer_norm_eps,
    reversible: "float",
    fractionBits: 20,
    feedForwardChunk: rowChunkOf(found.chunk_size_feed_forward),
    lossChunk: rowChunkOf(found.chunk_size_lm_head),
  };
}

/**
 * The configuration of a HuggingFace Reformer (config.json) as ours: conventions `huggingface`,
 * float streams, no dropout, so that its published weights give its results.
 *
 * @returns the configuration, or every setting that is missing or has no counterpart
 */
export const readConfig = (config: JsonObject): Validated<ReformerConfig> =>
  within("config.json: ")(
    pipe(
      asJsonObject(config, "it"),
      E.chain((object) =>
        sequenceS(validation)({ common: commonOf(object), positions: positionsOf(object) }),
      ),
      E.map(({ common, positions }) => configOf(common, positions)),
      E.chain((ours) => unlessProblems(reformerProblems(ours), () => ours)),
    ),
  );

/** {@link readConfig} of a file that others vouch for. */
export const configFromHuggingFace = (config: JsonObject): ReformerConfig =>
  orThrow(readConfig(config));
