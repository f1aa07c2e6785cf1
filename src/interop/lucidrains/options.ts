import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import {
  boolean,
  integer,
  listOf,
  nullable,
  number,
  struct,
  withDefault,
} from "../../edge/decoder.ts";
import type { Json, JsonObject } from "../../edge/json.ts";
import { kindOf } from "../../edge/kind-of.ts";
import { unlessProblems, within, type Problem, type Validated } from "../../edge/problem.ts";

const positive = integer({ min: 1, max: 2 ** 30 });
const count = integer({ min: 0, max: 2 ** 30 });
const off = withDefault(boolean, false);
const rate = withDefault(number({ min: 0 }), 0);

/** Of `ReformerLM`: those that its results depend on, and those that they do not, or not outside of training. */
const readFields = struct({
  num_tokens: positive,
  dim: positive,
  depth: integer({ min: 1, max: 4096 }),
  max_seq_len: positive,
  heads: withDefault(positive, 8),
  dim_head: withDefault(positive, 64),
  bucket_size: withDefault(positive, 64),
  n_hashes: withDefault(positive, 4),
  ff_mult: withDefault(positive, 4),
  ff_glu: off,
  causal: off,
  weight_tie: off,
  random_rotations_per_head: off,
  use_scale_norm: off,
  use_rezero: off,
  use_full_attn: off,
  full_attn_thres: withDefault(count, 0),
  num_mem_kv: withDefault(count, 0),
  one_value_head: off,
  n_local_attn_heads: withDefault(count, 0),
  fixed_position_emb: off,
  absolute_position_emb: off,
  axial_position_emb: off,
  axial_position_shape: withDefault(nullable(listOf(positive, { min: 1 })), null),
  ff_chunks: withDefault(count, 100),
  attn_chunks: withDefault(count, 1),
  reverse_thres: withDefault(count, 0),
  lsh_dropout: rate,
  ff_dropout: rate,
  post_attn_dropout: rate,
  layer_dropout: rate,
});

/** What none of our models has. */
const foreign = ["ff_activation", "emb_dim", "return_embeddings", "weight_tie_embedding"] as const;
const productKeys = ["pkm_layers", "pkm_num_keys"] as const;

const isOff = (value: Json): boolean =>
  value === null || value === false || (Array.isArray(value) && value.length === 0);

/** Options that say what a model without them does too are no matter. */
function foreignProblems(options: JsonObject): readonly Problem[] {
  const isNeutral = (name: string): boolean =>
    isOff(options[name]) || (name === "emb_dim" && options.emb_dim === options.dim);
  const named = [...foreign, productKeys[0]].filter(
    (name) => Object.hasOwn(options, name) && !isNeutral(name),
  );
  return named.map((where) => ({
    where,
    problem: "has no counterpart here",
    expected: "a model without it",
    got: kindOf(options[where]),
  }));
}

/** Rotary positions vanish in full attention there, of a short text too. */
function thresholdProblems(options: JsonObject): readonly Problem[] {
  const places = ["fixed_position_emb", "absolute_position_emb", "axial_position_emb"];
  const turns = !places.some((name) => options[name] === true);
  const { full_attn_thres: longest = 0, use_full_attn: full } = options;
  if (longest === 0 || full === true || !turns) return [];
  return [
    {
      where: "full_attn_thres",
      problem: "cannot be kept beside rotary positions: short texts have no positions there",
      expected: "0, use_full_attn, or positions of another kind",
      got: kindOf(longest),
    },
  ];
}

const others = new Set<string>([...foreign, ...productKeys]);

/**
 * The options as they were given, or every one that is wrong or has no counterpart.
 *
 * @param place - before their names in messages
 */
export const readOptions = (options: JsonObject, place = "options: "): Validated<JsonObject> =>
  within(place)(
    pipe(
      readFields(
        Object.fromEntries(Object.entries(options).filter(([name]) => !others.has(name))),
        "",
      ),
      E.chain(() =>
        unlessProblems([...foreignProblems(options), ...thresholdProblems(options)], () => options),
      ),
    ),
  );
