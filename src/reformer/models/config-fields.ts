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
import type { Problem } from "../../edge/problem.ts";
import { activationNames } from "../../nn/activation-table.ts";
import { conventions } from "../attention/conventions.ts";
import { positionProblems } from "./positions.ts";

/** A struct whose optional fields may be absent in its type too. */
const sparse = <T extends object>(fields: {
  readonly [K in keyof T]: Decoder<T[K]>;
}): Decoder<WithOptional<T>> => struct(fields);

const positive = integer({ min: 1, max: 2 ** 30 });
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
  vocabulary: withDefault(integer({ min: 2, max: 2 ** 24 }), 256),
  width: positive,
  heads: positive,
  headWidth: positive,
  feedForwardWidth: positive,
  activation: withDefault(oneOf(...activationNames), "relu"),
  residual: optional(
    struct({
      norm: optional(oneOf("layer", "uncentred", "rms", "scale", "none")),
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
    }),
  ),
  /** The kind of attention of each layer, from the input up. */
  layers: listOf(oneOf("local", "lsh", "full"), { min: 1 }),
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
      maskedQueries: optional(oneOf("others", "self", "mean")),
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

/** Parts that do not fit together. */
export const reformerProblems = (config: ReformerFields): readonly Problem[] => [
  ...positionProblems(config),
  ...bucketProblems(config),
  ...tyingProblems(config),
  ...headProblems(config),
];

function headProblems({
  heads,
  headWidth,
  attention,
  lsh,
  layers,
}: ReformerFields): readonly Problem[] {
  const { localHeads = 0, rotaryBase } = attention ?? {};
  const problem = (where: string, text: string, expected: string, got: string): Problem => ({
    where,
    problem: text,
    expected,
    got,
  });
  const factors = Array.isArray(lsh.buckets) ? lsh.buckets.length : 1;
  return [
    ...(localHeads >= heads && layers.some((kind) => kind !== "local")
      ? [
          problem(
            "attention.localHeads",
            "must leave heads that are not local",
            `fewer than ${heads}`,
            String(localHeads),
          ),
        ]
      : []),
    ...(rotaryBase !== undefined && headWidth % 2 !== 0
      ? [
          problem(
            "attention.rotaryBase",
            "turns pairs of features",
            "an even headWidth",
            String(headWidth),
          ),
        ]
      : []),
    ...(lsh.bestBuckets && factors > 1
      ? [
          problem(
            "lsh.bestBuckets",
            "needs a hash of one factor",
            "one number of buckets",
            `${factors} factors`,
          ),
        ]
      : []),
  ];
}

/** An embedding is as wide as one stream: it cannot read both side by side. */
const tyingProblems = ({ tiedEmbedding, conventions: name }: ReformerFields): readonly Problem[] =>
  tiedEmbedding && conventions[name].merge === "concatenate"
    ? [
        {
          where: "tiedEmbedding",
          problem: `cannot be with the conventions "${name}", whose output layer reads both streams side by side`,
          expected: "conventions that merge the streams by their mean, such as lucidrains",
        },
      ]
    : [];

/** A hash takes the argmax over [xR; -xR]: each factor of the number of buckets is even. A bucket is an i32. */
function bucketProblems({ lsh }: ReformerFields): readonly Problem[] {
  if (lsh.buckets === "auto") return [];
  const factors = typeof lsh.buckets === "number" ? [lsh.buckets] : lsh.buckets;
  const odd = factors
    .filter((n) => n % 2 !== 0)
    .map((n) => ({
      where: "lsh.buckets",
      problem: "must be even",
      expected: "even factors, as half of the buckets are the other half's opposites",
      got: String(n),
    }));
  const product = factors.reduce((all, n) => all * n, 1);
  if (product < 2 ** 31) return odd;
  const expected = "a product below 2^31";
  return [
    ...odd,
    { where: "lsh.buckets", problem: "are too many", expected, got: String(product) },
  ];
}
