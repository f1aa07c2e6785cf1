import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { checkKind } from "../../core/arguments.ts";
import type { JsonObject } from "../../edge/json.ts";
import { orThrowFrom, type Validated } from "../../edge/problem.ts";
import type { LoadedReformer } from "../huggingface/load.ts";
import { byName, type NamedTensors } from "../named-tensors.ts";
import { configFor } from "./loaded-config.ts";
import { modelWeights } from "./model-config.ts";
import { modelParams } from "./model-params.ts";
import { moduleOptions } from "./module-options.ts";
import { readOptions } from "./options.ts";
import { collect, laterNames } from "./state-dict.ts";

/**
 * A `ReformerLM` of lucidrains' reformer-pytorch from the options of its constructor and its state dict: what the functions of
 * `reformax/reformer` take. Options that were left out are what they are there. The state dict may be that of a wrapper around
 * the model (`net.` before all names), and may hold layers and tables under any of the names that versions gave them. Hash
 * rotations are drawn anew, streams are floats, and dropout is 0: change the configuration to train it otherwise.
 *
 * @param options - the arguments of the constructor, by name
 * @param tensors - weights, f32, by the names of the state dict
 * @returns the model, or every problem at once: options that are wrong or have no counterpart; then weights that are missing, of
 *   another shape or dtype, not finite, or that belong to no part of the model
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { fromLucidrains } from "reformax/interop";
 * const read = fromLucidrains({ num_tokens: 256, dim: 64, depth: 2, max_seq_len: 512, emb_dim: 32 }, {});
 * console.log(E.isLeft(read) && read.left[0].where); // => options: emb_dim
 * @see https://github.com/lucidrains/reformer-pytorch
 */
export const fromLucidrains = (
  options: JsonObject,
  tensors: NamedTensors,
): Validated<LoadedReformer> => read(options, tensors, "fromLucidrains");

/**
 * {@link fromLucidrains}, throwing.
 *
 * @throws InputError with every problem at once
 * @example
 * import { fromLucidrainsOrThrow, InputError } from "reformax/interop";
 * let problems = 0;
 * try {
 *   fromLucidrainsOrThrow({ num_tokens: 256, dim: 64, depth: 2, max_seq_len: 512 }, {});
 * } catch (error) {
 *   if (error instanceof InputError) problems = error.problems.length;
 * }
 * console.log(problems); // => 29
 */
export function fromLucidrainsOrThrow(options: JsonObject, tensors: NamedTensors): LoadedReformer {
  const where = "fromLucidrainsOrThrow";
  return orThrowFrom(where)(read(options, tensors, where));
}

function read(
  options: JsonObject,
  tensors: NamedTensors,
  where: string,
): Validated<LoadedReformer> {
  const given = checkKind(options, "object", "the options", where);
  const weights = laterNames(byName(tensors, where));
  return pipe(
    readOptions(given),
    E.map(moduleOptions),
    E.chain((known) =>
      pipe(
        configFor(known),
        E.chain((config) => {
          const expected = modelWeights(known, config);
          return pipe(
            collect(expected, weights),
            E.map((dict) => ({ config, params: modelParams(known, config, dict) })),
          );
        }),
      ),
    ),
  );
}
