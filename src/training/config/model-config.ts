import type { ReformerConfig } from "../../reformer/config.ts";
import {
  boolean,
  either,
  integer,
  listOf,
  nullable,
  number,
  oneOf,
  struct,
  tagged,
  withDefault,
  withKind,
  type Decoded,
  type Decoder,
} from "../../edge/decoder.ts";

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
});

const learned = struct({ length: positive });

type Positions =
  | (Decoded<typeof axial> & { readonly kind: "axial" })
  | (Decoded<typeof learned> & { readonly kind: "learned" });

const chunkRows: Decoder<"auto" | number | null> = either(
  oneOf("auto"),
  nullable(positive),
  '"auto", an integer at least 1 or null',
);

/** The model's section. A chunk of null means: not chunked. */
export const modelConfig = struct({
  /** Whose conventions the attention follows where published systems differ. */
  conventions: withDefault(oneOf("paper", "trax", "huggingface", "lucidrains"), "paper"),
  /** Number of tokens: 256 for bytes. */
  vocabulary: withDefault(integer({ min: 2, max: 2 ** 24 }), 256),
  width: positive,
  heads: positive,
  headWidth: positive,
  feedForwardWidth: positive,
  activation: withDefault(oneOf("relu", "gelu"), "relu"),
  /** The kind of attention of each layer, from the input up. */
  layers: listOf(oneOf("local", "lsh", "full"), { min: 1 }),
  local: struct({ chunk: withDefault(positive, 64), ...window }),
  lsh: struct({
    chunk: withDefault(positive, 64),
    ...window,
    rounds: withDefault(integer({ min: 1, max: 64 }), 1),
    /** Rounds outside of training; null for the same number. */
    evaluationRounds: withDefault(nullable(integer({ min: 1, max: 64 })), null),
    /** Number of buckets, its factors, or `auto` for 2 * length / chunk. */
    buckets: withDefault(buckets, "auto"),
    /** Whether to hash what queries differ by from their running mean. */
    centred: withDefault(boolean, false),
  }),
  positions: tagged<Positions>({
    axial: withKind("axial", axial),
    learned: withKind("learned", learned),
  }),
  /** Whether the output projection is the embedding's transpose. */
  tiedEmbedding: withDefault(boolean, false),
  dropout: withDefault(probability, 0),
  attentionDropout: withDefault(probability, 0),
  /** Null for that of the conventions. */
  normEpsilon: withDefault(nullable(number({ above: 0, max: 1 })), null),
  /** `exact`: fixed-point residual streams, inverted bit for bit. `float`: inverted up to rounding. */
  reversible: withDefault(oneOf("exact", "float"), "exact"),
  /** Bits behind the point of the exact streams: 20 give a range of +-2048. */
  fractionBits: withDefault(integer({ min: 8, max: 28 }), 20),
  /** Positions per chunk of the feed-forward layers, norms and projections, and of the loss; `auto`: by the memory budget. */
  feedForwardChunk: withDefault(chunkRows, "auto"),
  lossChunk: withDefault(chunkRows, "auto"),
});

/** As it is written: chunks may still have to be chosen. */
export type WrittenModelConfig = Decoded<typeof modelConfig>;

/** As it is used. */
export type ModelConfig = Omit<WrittenModelConfig, "feedForwardChunk" | "lossChunk"> &
  Pick<ReformerConfig, "feedForwardChunk" | "lossChunk">;
