import { checkKinds } from "../../core/arguments.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { orThrow, invalid, type Validated } from "../../edge/problem.ts";
import { pairsFrom, type TextPair } from "../data/pairs.ts";
import { splitRecords } from "../data/record-split.ts";
import type { TextCodec } from "../text/codec.ts";
import { frequentWords, plainTokens, wordCodec } from "../text/word-codec.ts";
import { checkTranslateConfig, type TranslateConfig } from "./config.ts";

/** A pair in tokens, without those at the beginning and the end. */
export interface TokenPair {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

/** What a run learns from and is measured on. */
export interface TranslateData {
  readonly codec: TextCodec;
  /** Those that fit into the length of training. */
  readonly train: readonly TokenPair[];
  readonly validation: readonly TokenPair[];
  /** All pairs as they are written. */
  readonly texts: { readonly train: readonly TextPair[]; readonly validation: readonly TextPair[] };
}

export interface PreparedPairs {
  /** Names the ranges and the words. */
  readonly config: TranslateConfig;
  readonly data: TranslateData;
}

/** The codec of a configuration whose words were chosen. */
export const codecOf = ({ data }: Pick<TranslateConfig, "data">): TextCodec =>
  wordCodec(data.words ?? []);

export const tokenPair = (codec: TextCodec, { source, target }: TextPair): TokenPair => ({
  source: codec.encode(source),
  target: codec.encode(target),
});

/** Whether both sides fit: a target takes one token more for its end. */
export const fits = ({ source, target }: TokenPair, length: number): boolean =>
  source.length <= length && target.length < length;

/** Pairs in two parts, in the tokens that the configuration names or those that the training pairs suggest. */
export const preparePairs = (
  config: TranslateConfig,
  bytes: Uint8Array,
): Validated<PreparedPairs> => {
  checkTranslateConfig(config, "preparePairs");
  checkKinds({ bytes: [bytes, "bytes"] }, "preparePairs");
  return preparedPairs(config, bytes);
};

const preparedPairs = (config: TranslateConfig, bytes: Uint8Array): Validated<PreparedPairs> =>
  pipe(
    pairsFrom(bytes, config.data.columns),
    E.chain((pairs) =>
      pipe(
        splitRecords(config.data, pairs.length),
        E.map((split) => ({ pairs, split })),
      ),
    ),
    E.chain(({ pairs, split }) => {
      const train = pairs.slice(...split.train);
      const validation = pairs.slice(...split.validation);
      const texts = train.flatMap(({ source, target }) => [source, target]);
      const { vocabulary, encoder } = config.model;
      const room = Math.min(vocabulary, encoder.vocabulary ?? vocabulary) - plainTokens;
      const words = config.data.words ?? frequentWords(texts, room);
      const named = { ...config, data: { ...config.data, ...split, words } };
      const codec = wordCodec(words);
      const { length } = config.training;
      const fitting = (some: readonly TextPair[]): readonly TokenPair[] =>
        some.map((pair) => tokenPair(codec, pair)).filter((pair) => fits(pair, length));
      const data = {
        codec,
        train: fitting(train),
        validation: fitting(validation),
        texts: { train, validation },
      };
      return data.train.length > 0 ? E.right({ config: named, data }) : nothingFits(length);
    }),
  );

const nothingFits = (length: number): Validated<never> =>
  invalid({
    where: "--data",
    problem: "no pair is as short as training.length",
    expected: `a source of at most ${length} tokens with a target of at most ${length - 1}`,
    fix: "Raise training.length, or give model.vocabulary room for more words.",
  });

/**
 * {@link preparePairs}, or an error.
 *
 * @throws InputError with every problem: lines that are no pairs, a split without room
 * @example
 * import { preparePairsOrThrow, taskConfig } from "reformax/training";
 * const lines = Array.from({ length: 40 }, (_, i) => `number ${i}\tNummer ${i}\n`).join("");
 * const config = taskConfig("translate", { training: { batch: 1, length: 32 } });
 * const { data } = preparePairsOrThrow(config, new TextEncoder().encode(lines));
 * console.log(data.train.length + data.validation.length); // => 40
 */
export const preparePairsOrThrow = (config: TranslateConfig, bytes: Uint8Array): PreparedPairs =>
  orThrow(preparePairs(config, bytes));
