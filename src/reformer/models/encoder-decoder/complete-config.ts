import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { struct, withDefault } from "../../../edge/decoder.ts";
import type { DeepPartial } from "../../../edge/deep-partial.ts";
import { isJsonObject, type Json } from "../../../edge/json.ts";
import { mergeJson } from "../../../edge/merge-json.ts";
import { orThrow, unlessProblems } from "../../../edge/problem.ts";
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
  const sizes = isJsonObject(given)
    ? { ...sizesFor(given), layers, full: { queryKey: "separate" }, encoder: { layers } }
    : given;
  return orThrow(
    pipe(
      complete(mergeJson(sizes, given), ""),
      E.chain((read) => unlessProblems(encoderDecoderProblems(read), () => read)),
    ),
  );
}
