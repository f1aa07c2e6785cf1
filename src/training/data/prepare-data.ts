import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Validated } from "../../edge/problem.ts";
import type { Tokenizer } from "../../interop/index.ts";
import type { PreparedData, TextRun } from "./prepared-data.ts";
import { prepareText } from "./prepare-text.ts";
import { checkSplit, defaultSplit, type Split } from "./split.ts";
import { bytesOf, tokensFrom, type Tokens } from "./tokens.ts";

/**
 * The tokens of data in two parts, as the configuration or the default says.
 *
 * @param reserved - the last tokens of the vocabulary, which data do not hold
 * @param tokenizer - makes ids of a text
 */
export const prepareData = <Config extends TextRun>(
  config: Config,
  bytes: Uint8Array,
  reserved = 0,
  tokenizer?: Tokenizer,
): Validated<PreparedData<Config>> => {
  if (config.data.tokens === "text")
    return prepareText(config, bytes, splitOf(config, bytes), tokenizer);
  return pipe(
    tokensFrom(bytes, config.data.tokens, config.model.vocabulary - reserved),
    E.chain((tokens) => {
      const needs = { length: config.training.length, order: config.data.order };
      return pipe(
        checkSplit(splitOf(config, tokens), tokens.length, needs),
        E.map((split) => {
          const train = tokens.subarray(...split.train);
          const validation = tokens.subarray(...split.validation);
          return {
            config: { ...config, data: { ...config.data, ...split } },
            data: { train, validation },
            parts: { train: bytesOf(train), validation: bytesOf(validation) },
          };
        }),
      );
    }),
  );
};

const splitOf = ({ data: { train, validation, order } }: TextRun, tokens: Tokens): Split =>
  train && validation ? { train, validation } : defaultSplit(tokens.length, order);
