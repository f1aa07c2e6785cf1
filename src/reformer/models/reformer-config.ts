import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { struct, withDefault } from "../../edge/decoder.ts";
import type { DeepPartial } from "../../edge/deep-partial.ts";
import { isJsonObject, type Json, type JsonObject } from "../../edge/json.ts";
import { mergeJson } from "../../edge/merge-json.ts";
import { orThrowFrom, unlessProblems, type Validated } from "../../edge/problem.ts";
import { reformerFields, rowChunk } from "./config-fields.ts";
import { reformerProblems } from "./config-problems.ts";
import type { ReformerConfig } from "./config.ts";
import { largestChunk } from "./memory.ts";

const allFields = struct({
  ...reformerFields,
  feedForwardChunk: withDefault(rowChunk, largestChunk),
  lossChunk: withDefault(rowChunk, largestChunk),
});

/**
 * Sizes that fit together, from the width and the number of heads: two layers over up to 1,024
 * positions.
 */
export function sizesFor({ width, heads }: JsonObject): JsonObject {
  const wide = isSize(width) ? width : 128;
  const half = Math.floor(wide / 2);
  const count = isSize(heads) ? heads : 2;
  return {
    width: wide,
    heads: count,
    headWidth: Math.max(1, Math.floor(wide / count)),
    feedForwardWidth: 2 * wide,
    layers: ["local", "lsh"],
    positions: { kind: "axial", shape: [16, 64], widths: [half, wide - half] },
  };
}

const withSizes = (values: Json): Json =>
  isJsonObject(values) ? mergeJson(sizesFor(values), values) : values;

const isSize = (value: Json | undefined): value is number =>
  typeof value === "number" && Number.isInteger(value) && value > 0;

/** The configuration, or every problem. */
export const completeConfig = (values: Json): Validated<ReformerConfig> =>
  pipe(
    allFields(values, ""),
    E.chain((config) => unlessProblems(reformerProblems(config), () => config)),
  );

/**
 * A complete configuration of a model from the values that matter to you. The others are those of a
 * small model of bytes: width 128, 2 heads, heads of width / heads, feed-forward layers twice as
 * wide as the model, one local and one LSH layer, axial positions for 1,024 tokens in equal halves;
 * the paper's conventions, vocabulary 256, chunks of 64, one hash round, ReLU, no dropout, exact
 * streams.
 *
 * @throws InputError with every problem at once: wrong values, unknown keys (with the nearest known
 *   one), and parts that do not fit together
 * @example
 * import { reformerConfig } from "reformax/reformer";
 * const config = reformerConfig({ width: 256, heads: 4, lsh: { rounds: 2 } });
 * console.log(config.headWidth, config.lsh.rounds, config.lsh.chunk, config.layers);
 * // => 64 2 64 [ 'local', 'lsh' ]
 */
export const reformerConfig = (values: DeepPartial<ReformerConfig> = {}): ReformerConfig =>
  orThrowFrom("reformerConfig")(completeConfig(withSizes(values as Json)));
