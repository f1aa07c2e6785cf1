import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import {
  boolean,
  either,
  integer,
  listOf,
  nullable,
  oneOf,
  struct,
  withDefault,
  type Decoded,
  type Decoder,
} from "../../edge/decoder.ts";
import type { Json, JsonObject } from "../../edge/json.ts";
import { kindOf } from "../../edge/kind-of.ts";
import { invalid, unlessProblems, within, type Validated } from "../../edge/problem.ts";
import type { Activation } from "../../nn/index.ts";

const positive = integer({ min: 1, max: 2 ** 30 });
const chunks = integer({ min: 0, max: 64 });
const size = (otherwise: number): Decoder<number> => withDefault(positive, otherwise);

/** What results do not depend on, or not outside of training: whatever it is. */
const unread: Decoder<null> = () => E.right(null);

/** What none of our models has. */
const without: Decoder<null> = (value, where) =>
  value === undefined || value === null || value === false || value === 0
    ? E.right(null)
    : invalid({
        where,
        problem: "has no counterpart here",
        expected: "a model without it",
        got: kindOf(value),
      });

const ofAttention = {
  bias: without,
  attention_dropout: unread,
  output_dropout: unread,
  mode: unread,
  n_parallel_heads: unread,
  predict_drop_len: unread,
  predict_mem_len: unread,
  use_python_loop: unread,
  use_reference_code: unread,
};

const self = struct({
  ...ofAttention,
  share_qk: withDefault(boolean, false),
  chunk_len: withDefault(nullable(positive), null),
  n_chunks_before: withDefault(chunks, 0),
  /** The last chunk would look into the first one: trax's windows are rings. */
  n_chunks_after: without,
});

const hashing = struct({
  ...ofAttention,
  share_qk: unread,
  chunk_len: size(128),
  n_chunks_before: withDefault(chunks, 1),
  n_chunks_after: withDefault(chunks, 0),
  n_hashes: size(1),
  n_buckets: withDefault(
    nullable(either(positive, listOf(positive, { min: 1 }), "a number, a list of factors or null")),
    null,
  ),
  max_length_for_buckets: unread,
});

const attentionKind = oneOf("SelfAttention", "LSHSelfAttention");

/** A kind, or the kinds of layers that follow each other. */
const attentionKinds: Decoder<readonly ("SelfAttention" | "LSHSelfAttention")[]> = (
  value = "SelfAttention",
  where,
) =>
  Array.isArray(value)
    ? listOf(attentionKind, { min: 1 })(value, where)
    : pipe(
        attentionKind(value, where),
        E.map((kind) => [kind]),
      );

/** trax's activations by the names of their layers. */
export const activations = {
  Relu: "relu",
  FastGelu: "geluTanh",
  Gelu: "gelu",
  Swish: "silu",
  Sigmoid: "sigmoid",
  Tanh: "tanh",
  Elu: "elu",
  LeakyRelu: "leakyRelu",
  Softplus: "softplus",
} as const satisfies Readonly<Record<string, Activation>>;

const activationNames = Object.keys(activations) as (keyof typeof activations)[];

const sizes: Decoder<readonly number[]> = withDefault(listOf(positive), []);

/** Of `ReformerLM`, and of its attention as gin binds them: by the names of the classes. */
const readFields = struct({
  vocab_size: positive,
  d_model: size(512),
  d_ff: size(2048),
  d_attention_key: size(64),
  d_attention_value: size(64),
  n_layers: withDefault(integer({ min: 1, max: 4096 }), 6),
  n_heads: size(8),
  max_len: size(2048),
  attention_type: attentionKinds,
  SelfAttention: self,
  LSHSelfAttention: hashing,
  pos_type: withDefault(nullable(oneOf("axial", "sin-cos", "fixed-base", "no")), null),
  pos_axial_shape: sizes,
  pos_d_axial_embs: withDefault(nullable(sizes), null),
  ff_activation: withDefault(oneOf(...activationNames), "FastGelu"),
  ff_use_sru: without,
  ff_sparsity: without,
  loss_sparsity: without,
  loss_sparsity_prob: without,
  attention_chunk_size: unread,
  dropout: unread,
  ff_chunk_size: unread,
  loss_d_lowrank: unread,
  loss_sparsity_type: unread,
  mode: unread,
  pos_max_offset_to_add: unread,
  pos_start_from_zero_prob: unread,
});

/** The weights of fixed-base positions are few, however many places there are. */
const mostInTable = 2 ** 28;

export type TraxOptions = Decoded<typeof readFields>;

/** The options with what those that were left out are, or every one that is wrong or has no counterpart. */
export const readOptions = (options: JsonObject): Validated<TraxOptions> =>
  within("options: ")(
    pipe(
      readFields(options as Json, ""),
      E.chain((read) => {
        const { d_attention_key, d_attention_value, n_layers, attention_type: kinds } = read;
        const { pos_type, d_model, max_len } = read;
        const problems = [
          d_attention_value !== d_attention_key && {
            where: "d_attention_value",
            problem: "has no counterpart here: keys and values of a head are equally wide",
            expected: `d_attention_key, ${d_attention_key}`,
            got: `${d_attention_value}`,
          },
          n_layers % kinds.length !== 0 && {
            where: "attention_type",
            problem: "does not divide the layers",
            expected: `a number of kinds that divides ${n_layers}`,
            got: `${kinds.length}`,
          },
          pos_type === "fixed-base" &&
            (d_model % 8 !== 0 || d_model * max_len > mostInTable) && {
              where: "pos_type",
              problem: "makes a table of max_len rows of d_model numbers, in eighths",
              expected: `a multiple of 8, and at most ${mostInTable} numbers`,
              got: `${max_len} rows of ${d_model}`,
            },
        ];
        return unlessProblems(
          problems.flatMap((one) => (one ? [one] : [])),
          () => read,
        );
      }),
    ),
  );
