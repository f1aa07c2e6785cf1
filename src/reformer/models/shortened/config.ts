import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { integer, optional, struct, withDefault } from "../../../edge/decoder.ts";
import type { DeepPartial } from "../../../edge/deep-partial.ts";
import { isJsonObject, type Json } from "../../../edge/json.ts";
import { mergeJson } from "../../../edge/merge-json.ts";
import {
  orThrowFrom,
  unlessProblems,
  type Problem,
  type Validated,
} from "../../../edge/problem.ts";
import { checkParts } from "../../../core/arguments.ts";
import { oncePer } from "../../once-per.ts";
import { configCheck } from "../check-config.ts";
import type { ReformerConfig } from "../config.ts";
import { reformerFields, rowChunk, type ReformerFields } from "../config-fields.ts";
import { reformerProblems } from "../config-problems.ts";
import { largestChunk } from "../memory.ts";
import { positionProblems } from "../positions.ts";
import { sizesFor } from "../reformer-config.ts";

/** How a model shortens its text. */
export interface ShorteningConfig {
  /** Tokens that are one vector in the layers. */
  readonly factor: number;
  /** Width of the vectors of single tokens; that of the model when absent. */
  readonly width?: number;
}

/**
 * Everything that determines a shortened language model: the configuration of its layers, which see `factor` tokens as one vector. Positions
 * are those of tokens, as wide as these.
 */
export interface ShortenedConfig extends ReformerConfig {
  readonly shorten: ShorteningConfig;
}

/** Width of the vectors of single tokens. */
export const tokenWidth = ({
  shorten,
  width,
}: Pick<ShortenedConfig, "shorten" | "width">): number => shorten.width ?? width;

/** The layers as a model of their own, whose positions are in its vectors already. */
export const bodyOf = oncePer((given: ShortenedConfig): ReformerConfig => {
  const { shorten: _, ...config } = given;
  return { ...config, positions: { kind: "none" } };
});

const fields = struct({
  ...reformerFields,
  shorten: struct({
    factor: withDefault(integer({ min: 1, max: 2 ** 16 }), 4),
    width: optional(integer({ min: 1, max: 2 ** 30 })),
  }),
  feedForwardChunk: withDefault(rowChunk, largestChunk),
  lossChunk: withDefault(rowChunk, largestChunk),
});

type Fields = ReformerFields & { readonly shorten: ShorteningConfig };

const problems = ({ shorten, ...config }: Fields): readonly Problem[] => [
  ...reformerProblems({ ...config, positions: { kind: "none" } }),
  ...positionProblems({ positions: config.positions, width: shorten.width ?? config.width }),
  ...(config.mask === "causal"
    ? []
    : [
        {
          where: "mask",
          problem: "lets the model see the tokens that it is to predict",
          expected: '"causal"',
          got: JSON.stringify(config.mask),
        },
      ]),
  ...(config.tiedEmbedding
    ? [
        {
          where: "tiedEmbedding",
          problem: "is not for shortened models, whose output layer reads other vectors",
          expected: "false",
          got: "true",
        },
      ]
    : []),
];

const completeConfig = (given: Json): Validated<ShortenedConfig> =>
  pipe(
    fields(given, ""),
    E.chain((complete) => unlessProblems(problems(complete), () => complete)),
  );

/**
 * A complete configuration of a shortened language model from the values that matter to you. The others are those of `reformerConfig`, with
 * four tokens in a vector.
 *
 * @throws InputError with every problem at once: wrong values, unknown keys, and parts that do not fit together
 * @example
 * import { shortened } from "reformax/reformer";
 * const config = shortened.config({ width: 64, shorten: { factor: 3, width: 32 }, positions: { kind: "none" } });
 * console.log(config.shorten, config.layers); // => { factor: 3, width: 32 } [ 'local', 'lsh' ]
 */
export function config(values: DeepPartial<ShortenedConfig> = {}): ShortenedConfig {
  const given = values as Json;
  const sizes = isJsonObject(given) ? { ...sizesFor(given), shorten: {} } : given;
  return orThrowFrom("shortened.config")(completeConfig(mergeJson(sizes, given)));
}

/** Throws unless this is such a configuration, with every problem at once. Each object is looked at once, as long as it is right. */
export function checkShortened(config: ShortenedConfig, where: string): void {
  checkParts(config, ["shorten"], "config", where);
  checkComplete(config, where);
}

const checkComplete = configCheck(completeConfig);
