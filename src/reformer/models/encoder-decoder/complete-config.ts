import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { struct, withDefault } from "../../../edge/decoder.ts";
import type { DeepPartial } from "../../../edge/deep-partial.ts";
import { isJsonObject, type Json } from "../../../edge/json.ts";
import { mergeJson } from "../../../edge/merge-json.ts";
import { orThrowFrom, unlessProblems, type Validated } from "../../../edge/problem.ts";
import { configCheck } from "../check-config.ts";
import { rowChunk } from "../config-fields.ts";
import { largestChunk } from "../memory.ts";
import { sizesFor } from "../reformer-config.ts";
import { encoderDecoderFields, encoderDecoderProblems } from "./config-fields.ts";
import type { EncoderDecoderConfig } from "./config.ts";

const complete = struct({
  ...encoderDecoderFields,
  feedForwardChunk: withDefault(rowChunk, largestChunk),
  lossChunk: withDefault(rowChunk, largestChunk),
});

/**
 * A complete configuration of an encoder-decoder from the values that matter to you. The others are those of `reformerConfig`, and
 * two layers of full attention with keys of their own on either side.
 *
 * @throws InputError with every problem at once: wrong values, unknown keys, and parts that do not fit together
 * @example
 * import { encoderDecoder } from "reformax/reformer";
 * const config = encoderDecoder.config({ width: 64, encoder: { layers: ["full", "full", "full"] } });
 * console.log(config.layers.length, config.encoder.layers.length, config.full); // => 2 3 { queryKey: 'separate' }
 */
export function config(values: DeepPartial<EncoderDecoderConfig> = {}): EncoderDecoderConfig {
  const given = values as Json;
  const layers = ["full", "full"];
  const whole = isJsonObject(given)
    ? mergeJson(
        { ...sizesFor(given), layers, full: { queryKey: "separate" }, encoder: { layers } },
        given,
      )
    : given;
  return orThrowFrom("encoderDecoder.config")(completeConfig(whole));
}

/** The configuration, or every problem. */
export const completeConfig = (values: Json): Validated<EncoderDecoderConfig> =>
  pipe(
    complete(values, ""),
    E.chain((read) => unlessProblems(encoderDecoderProblems(read), () => read)),
  );

/** Throws unless this is a configuration, whatever its chunks of rows, which may still have to be chosen. */
export const checkPairSizes = (model: object, where: string): void => {
  const sizes: Json = isJsonObject(model)
    ? { ...model, feedForwardChunk: null, lossChunk: null }
    : (model as Json);
  orThrowFrom(`${where}: model`)(completeConfig(sizes));
};

/** Throws unless this is a configuration with all that belongs to it: see {@link configCheck}. */
export const checkPairConfig: (config: EncoderDecoderConfig, where: string) => void =
  configCheck(completeConfig);
