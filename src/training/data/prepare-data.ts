import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Validated } from "../../edge/problem.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";
import type { TrainConfig } from "../config/train-config.ts";
import { checkSplit, defaultSplit, type Split } from "./split.ts";
import { tokensFrom, type Tokens } from "./tokens.ts";

/** What a run learns from and is measured on, with the configuration that names these ranges. */
export interface PreparedData<Config extends TextRun = TrainConfig> {
  readonly config: Config;
  readonly data: { readonly train: Tokens; readonly validation: Tokens };
}

/** What a configuration says of a text. */
type TextRun = Pick<TrainConfig, "data" | "training"> & {
  readonly model: Pick<ReformerConfig, "vocabulary">;
};

/**
 * The tokens of data in two parts, as the configuration or the default says.
 *
 * @param reserved - the last tokens of the vocabulary, which data do not hold
 */
export const prepareData = <Config extends TextRun>(
  config: Config,
  bytes: Uint8Array,
  reserved = 0,
): Validated<PreparedData<Config>> =>
  pipe(
    tokensFrom(bytes, config.data.tokens, config.model.vocabulary - reserved),
    E.chain((tokens) => {
      const needs = { length: config.training.length, order: config.data.order };
      return pipe(
        checkSplit(splitOf(config, tokens), tokens.length, needs),
        E.map((split) => ({
          config: { ...config, data: { ...config.data, ...split } },
          data: {
            train: tokens.subarray(...split.train),
            validation: tokens.subarray(...split.validation),
          },
        })),
      );
    }),
  );

const splitOf = ({ data: { train, validation, order } }: TextRun, tokens: Tokens): Split =>
  train && validation ? { train, validation } : defaultSplit(tokens.length, order);
