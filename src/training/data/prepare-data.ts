import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Validated } from "../../edge/problem.ts";
import type { TrainConfig } from "../config/train-config.ts";
import { checkSplit, defaultSplit, type Split } from "./split.ts";
import { tokensFrom, type Tokens } from "./tokens.ts";

/** What a run learns from and is measured on, with the configuration that names these ranges. */
export interface PreparedData {
  readonly config: TrainConfig;
  readonly data: { readonly train: Tokens; readonly validation: Tokens };
}

/** The tokens of data in two parts, as the configuration or the default says. */
export const prepareData = (config: TrainConfig, bytes: Uint8Array): Validated<PreparedData> =>
  pipe(
    tokensFrom(bytes, config.data.tokens, config.model.vocabulary),
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

const splitOf = ({ data: { train, validation, order } }: TrainConfig, tokens: Tokens): Split =>
  train && validation ? { train, validation } : defaultSplit(tokens.length, order);
