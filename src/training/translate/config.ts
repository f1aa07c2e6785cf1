import { taskConfigCheck } from "../config/check-config.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import {
  integer,
  listOf,
  oneOf,
  optional,
  pairOf,
  string,
  struct,
  withDefault,
} from "../../edge/decoder.ts";
import type { Json } from "../../edge/json.ts";
import { unlessProblems, type Problem, type Validated } from "../../edge/problem.ts";
import {
  encoderDecoderFields,
  encoderDecoderProblems,
  type EncoderDecoderFields,
} from "../../reformer/models/encoder-decoder/config-fields.ts";
import type { EncoderDecoderConfig } from "../../reformer/models/encoder-decoder/config.ts";
import { trainingBytes } from "../../reformer/models/encoder-decoder/memory.ts";
import { chooseChunk } from "../../reformer/models/memory.ts";
import { chunkFields } from "../config/model-config.ts";
import { chooseChunks, type ChunkSource } from "../config/row-chunks.ts";
import { lengthProblems, rangeProblems, trainingProblems } from "../config/run-problems.ts";
import { rangeFields, trainingConfig, type TrainingConfig } from "../config/training-config.ts";
import type { PairColumns } from "../data/pairs.ts";
import type { TokenRange } from "../data/split.ts";
import { plainTokens } from "../text/word-codec.ts";

export const translateName = "translate";

/** Which pairs, and the words that are tokens; never where they lie. */
export interface PairDataConfig {
  /** Ranges of pairs; null for the default split. */
  readonly train: TokenRange | null;
  readonly validation: TokenRange | null;
  /** Numbers, from 1, of the columns of sources and targets. */
  readonly columns: PairColumns;
  /**
   * The words that are tokens besides bytes; absent before they are chosen: the most frequent ones of the training pairs, as many as
   * the model's vocabulary has room for.
   */
  readonly words?: readonly string[];
}

/** Everything that decides the numbers of a run that learns to translate, but for the data's bytes. */
export interface TranslateConfig {
  readonly task: { readonly kind: typeof translateName };
  readonly model: EncoderDecoderConfig;
  readonly training: TrainingConfig;
  readonly data: PairDataConfig;
}

const sections = struct({
  task: struct({ kind: oneOf(translateName) }),
  model: struct({ ...encoderDecoderFields, ...chunkFields }),
  training: trainingConfig,
  data: struct({
    ...rangeFields,
    columns: withDefault(pairOf(integer({ min: 1, max: 1000 })), [1, 2]),
    words: optional(listOf(string)),
  }),
});

/** Reads a complete configuration from JSON, filling in defaults, or says everything that is wrong with it. */
export const parseTranslateConfig = (
  value: Json,
  chunks: ChunkSource = {},
): Validated<TranslateConfig> =>
  pipe(
    sections(value, ""),
    E.chain((config) => unlessProblems(contradictions(config), () => config)),
    E.chain((config) =>
      chooseChunks(config, chunks, (sizes, ...budget) => {
        const both = { ...sizes, sourceLength: sizes.length };
        return chooseChunk((rows) => trainingBytes(config.model, both, rows), sizes, ...budget);
      }),
    ),
  );

interface Written {
  readonly model: EncoderDecoderFields;
  readonly training: TrainingConfig;
  readonly data: PairDataConfig;
}

const contradictions = ({ model, training, data }: Written): readonly Problem[] => [
  ...encoderDecoderProblems(model).map((found) => ({ ...found, where: `model.${found.where}` })),
  ...lengthProblems(model.positions, training.length),
  ...(model.encoder.positions
    ? lengthProblems(model.encoder.positions, training.length, "model.encoder")
    : []),
  ...trainingProblems(training, model),
  ...rangeProblems(data),
  ...vocabularyProblems(model.vocabulary, data.words ?? [], "model"),
  ...(model.encoder.vocabulary === undefined
    ? []
    : vocabularyProblems(model.encoder.vocabulary, data.words ?? [], "model.encoder")),
];

function vocabularyProblems(
  vocabulary: number,
  words: readonly string[],
  where: string,
): readonly Problem[] {
  const least = plainTokens + words.length;
  if (vocabulary >= least) return [];
  return [
    {
      where: `${where}.vocabulary`,
      problem: "has no room for all tokens",
      expected: `at least ${least}: 256 bytes, a beginning, an end${words.length > 0 ? `, ${words.length} words` : ""}`,
      got: String(vocabulary),
    },
  ];
}

/** Throws unless this is a complete configuration of a run. */
export const checkTranslateConfig: (config: TranslateConfig, where: string) => void =
  taskConfigCheck(parseTranslateConfig);
