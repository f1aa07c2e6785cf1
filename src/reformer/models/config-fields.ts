import {
  boolean,
  either,
  integer,
  listOf,
  nullable,
  number,
  oneOf,
  optional,
  struct,
  tagged,
  withDefault,
  withKind,
  type Decoded,
  type Decoder,
  type WithOptional,
} from "../../edge/decoder.ts";
import { activationNames } from "../../nn/activation-table.ts";

/** A struct whose optional fields may be absent in its type too. */
const sparse = <T extends object>(fields: {
  readonly [K in keyof T]: Decoder<T[K]>;
}): Decoder<WithOptional<T>> => struct(fields);

const positive = integer({ min: 1, max: 2 ** 30 });

/** How many tokens there are. */
export const vocabularySize = integer({ min: 2, max: 2 ** 24 });
const count = integer({ min: 0, max: 64 });
const probability = number({ min: 0, below: 1 });

/** Neighbouring chunks that a chunk's queries may look into. */
const window = { before: withDefault(count, 1), after: withDefault(count, 0) };

const bucketFactor = integer({ min: 2, max: 2 ** 24 });

const buckets: Decoder<"auto" | number | readonly number[]> = either(
  oneOf("auto"),
  either(bucketFactor, listOf(bucketFactor, { min: 1 }), "a number or a list of factors"),
  '"auto", an integer at least 2 or a list of such factors',
);

const axial = struct({
  /** Sizes of the axes: their product is the longest sequence. */
  shape: listOf(positive, { min: 1 }),
  /** Widths of the axes' embeddings: they are concatenated to the model's width. */
  widths: listOf(positive, { min: 1 }),
  combination: optional(oneOf("concatenate", "sum")),
});

const learned = struct({ length: positive });

const sinusoid = struct({
  /** Ratio of the longest wavelength to the shortest. */
  base: optional(number({ above: 1 })),
  layout: optional(oneOf("interleaved", "halves")),
});

const noPositions = struct({});

type Positions =
  | (WithOptional<Decoded<typeof axial>> & { readonly kind: "axial" })
  | (Decoded<typeof learned> & { readonly kind: "learned" })
  | (WithOptional<Decoded<typeof sinusoid>> & { readonly kind: "sinusoid" })
  | (Decoded<typeof noPositions> & { readonly kind: "none" });

/** Rows at a time; null for all at once. */
export const rowChunk = nullable(positive);

/**
 * What a model's configuration holds, but for its chunks of rows: what they are by default depends
 * on who asks.
 */
export const reformerFields = {
  /** Whose conventions the attention follows where published systems differ. */
  conventions: withDefault(oneOf("paper", "trax", "huggingface", "lucidrains"), "paper"),
  /** Number of tokens: 256 for bytes. */
  vocabulary: withDefault(vocabularySize, 256),
  width: positive,
  heads: positive,
  headWidth: positive,
  feedForwardWidth: positive,
  activation: withDefault(oneOf(...activationNames), "relu"),
  residual: optional(
    struct({
      norm: optional(oneOf("layer", "uncentred", "rms", "scale", "none")),
      /** Whether norms are of what enters half-blocks or of what leaves them. */
      normAt: optional(oneOf("before", "after")),
      /** Whether a learned number, 0 at first, multiplies what half-blocks add. */
      gain: optional(boolean),
      /** Rate at which layers are left out of a training step. */
      layerDropout: optional(probability),
    }),
  ),
  feedForward: optional(
    struct({
      /** Whether half of the inner features gate the others. */
      gated: optional(boolean),
      /** Where inner features are dropped: behind the activation, or before it. */
      dropoutAt: optional(oneOf("activated", "inner")),
      /** Their dropout rate; null for `dropout`. */
      innerDropout: optional(nullable(probability)),
      /** Simple recurrent units: how many, how wide, and whether beside the feed-forward layer. */
      recurrent: optional(
        sparse({
          layers: integer({ min: 1, max: 64 }),
          units: optional(positive),
          place: optional(oneOf("instead", "beside")),
        }),
      ),
      /** Memories with product keys, and which layers have one. */
      productKeys: optional(
        sparse({
          at: optional(listOf(integer({ min: 0, max: 2 ** 20 }))),
          keys: optional(positive),
          heads: optional(positive),
          best: optional(positive),
          queryWidth: optional(positive),
        }),
      ),
    }),
  ),
  /** The kind of attention of each layer, from the input up. */
  layers: listOf(oneOf("local", "lsh", "full"), { min: 1 }),
  /** What layers of one kind have in common. */
  tiedLayers: optional(oneOf("both", "attention", "feedForward")),
  /** What a token sees: those before it, or all. */
  mask: withDefault(oneOf("causal", "full"), "causal"),
  attention: optional(
    sparse({
      /** Heads of lsh and full layers that attend locally. */
      localHeads: optional(integer({ min: 1, max: 2 ** 20 })),
      /** Rows of learned keys and values. */
      memory: optional(positive),
      /** Whether all heads have the same values. */
      oneValueHead: optional(boolean),
      /** Whether a bias is added to the sum of the heads. */
      outputBias: optional(boolean),
      /** Ratio of the longest wavelength to the shortest by which queries turn with their position, after hashing. */
      rotaryBase: optional(number({ above: 0 })),
      /** The kinds of layers in which they do: lsh alone when absent. */
      rotaryLayers: optional(listOf(oneOf("local", "lsh", "full"), { min: 1 })),
      /** What the queries of masked tokens attend to. */
      maskedQueries: optional(oneOf("others", "self", "mean", "window")),
    }),
  ),
  local: sparse({
    chunk: withDefault(positive, 64),
    ...window,
    /** Whether keys are queries. */
    queryKey: optional(oneOf("shared", "separate")),
  }),
  lsh: sparse({
    chunk: withDefault(positive, 64),
    ...window,
    rounds: withDefault(integer({ min: 1, max: 64 }), 1),
    /** Rounds outside of training; null for the same number. */
    evaluationRounds: withDefault(nullable(integer({ min: 1, max: 64 })), null),
    /** Number of buckets, its factors, or `auto` for 2 * length / chunk. */
    buckets: withDefault(buckets, "auto"),
    /** Powers of two instead, as HuggingFace counts: so many at most in one factor. */
    powersUpTo: optional(positive),
    /** Whether to hash what queries differ by from their running mean. */
    centred: withDefault(boolean, false),
    /** Whether rounds are the best buckets of one rotation. */
    bestBuckets: optional(boolean),
    /** Whose the rotations are. */
    rotations: optional(oneOf("head", "shared", "example")),
    /** Whether masked tokens are hashed as others. */
    hashMasked: optional(boolean),
    /** Dropout rate of what is hashed. */
    hashDropout: optional(probability),
    /** Longest text that is attended to whole; a chunk when absent. */
    wholeUpTo: optional(integer({ min: 0, max: 2 ** 30 })),
    /** Instead of what the conventions say. */
    sameBucket: optional(boolean),
    duplicates: optional(either(boolean, oneOf("sameRound"), 'true, false or "sameRound"')),
    circular: optional(boolean),
  }),
  full: optional(struct({ queryKey: withDefault(oneOf("shared", "separate"), "shared") })),
  positions: tagged<Positions>({
    axial: withKind("axial", axial),
    learned: withKind("learned", learned),
    sinusoid: withKind("sinusoid", sinusoid),
    none: withKind("none", noPositions),
  }),
  /** Whether the output projection is the embedding's transpose. */
  tiedEmbedding: withDefault(boolean, false),
  dropout: withDefault(probability, 0),
  attentionDropout: withDefault(probability, 0),
  /** Null for that of the conventions. */
  normEpsilon: withDefault(nullable(number({ above: 0, max: 1 })), null),
  /**
   * `exact`: fixed-point residual streams, inverted bit for bit. `float`: inverted up to rounding.
   * `none`: an ordinary residual network, whose activations are all stored.
   */
  reversible: withDefault(oneOf("exact", "float", "none"), "exact"),
  /** Bits behind the point of the exact streams: 20 give a range of +-2048. */
  fractionBits: withDefault(integer({ min: 8, max: 28 }), 20),
};

/**
 * A configuration whose values are right one by one: chunks of rows may still have to be chosen.
 */
export type ReformerFields = WithOptional<{
  [K in keyof typeof reformerFields]: K extends "lsh"
    ? WithOptional<Decoded<(typeof reformerFields)[K]>>
    : Decoded<(typeof reformerFields)[K]>;
}>;
