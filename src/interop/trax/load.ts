import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { checkKind } from "../../core/arguments.ts";
import type { JsonObject } from "../../edge/json.ts";
import { orThrowFrom, type Validated } from "../../edge/problem.ts";
import type { LoadedReformer } from "../huggingface/load.ts";
import { byName, type NamedTensors } from "../named-tensors.ts";
import { configOf } from "./config.ts";
import { layoutOf, modelParams } from "./model.ts";
import { readOptions } from "./options.ts";
import { positionsOf } from "./positions.ts";
import { collect, weightsIn } from "./weights.ts";

/**
 * A `ReformerLM` of trax's from the options of its constructor and the arrays of a checkpoint: what the functions of `reformax/reformer`
 * take. Options that were left out are what they are there; `attention_type` holds names, or a list of names, and what gin binds of the
 * attention stands under the name of its class. Hash rotations are drawn anew, streams are floats, and dropout is 0: change the
 * configuration to train it otherwise. trax puts a 0 before a text by itself; here the text has to begin with it.
 *
 * @param options - the arguments of the constructor, by name, and those of `SelfAttention` and `LSHSelfAttention`
 * @param arrays - what `readPickle` gives of a `.pkl.gz`, or `readNpy` of the `.weights.npy.gz` that trax writes beside it since 2021
 * @returns the model, or every problem at once: options that are wrong or have no counterpart; then weights that are missing, too many, of
 *   another shape or dtype, or not finite
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { fromTrax } from "reformax/interop";
 * const LSHSelfAttention = { n_hashes: 2, bias: true };
 * const read = fromTrax({ vocab_size: 256, attention_type: "LSHSelfAttention", LSHSelfAttention }, {});
 * console.log(E.isLeft(read) && read.left[0].where); // => options: LSHSelfAttention.bias
 * @see https://github.com/google/trax
 */
export const fromTrax = (options: JsonObject, arrays: NamedTensors): Validated<LoadedReformer> =>
  read(options, arrays, "fromTrax");

/**
 * {@link fromTrax}, throwing.
 *
 * @throws InputError with every problem at once
 * @example
 * import { fromTraxOrThrow, InputError } from "reformax/interop";
 * let fix;
 * try {
 *   fromTraxOrThrow({ vocab_size: 256 }, {});
 * } catch (error) {
 *   if (error instanceof InputError) fix = error.problems[0].fix;
 * }
 * console.log(fix); // => Since 2021 they are in a file beside it, .weights.npy.gz: readNpy reads it.
 */
export function fromTraxOrThrow(options: JsonObject, arrays: NamedTensors): LoadedReformer {
  const where = "fromTraxOrThrow";
  return orThrowFrom(where)(read(options, arrays, where));
}

function read(options: JsonObject, arrays: NamedTensors, where: string): Validated<LoadedReformer> {
  const given = checkKind(options, "object", "the options", where);
  const weights = weightsIn(byName(arrays, where));
  return pipe(
    readOptions(given),
    E.chain((known) => {
      const positions = positionsOf(known, weights);
      return pipe(
        configOf(known, positions),
        E.chain((config) =>
          pipe(
            collect(layoutOf(config, positions), weights),
            E.map((found) => ({ config, params: modelParams(config, positions, found) })),
          ),
        ),
      );
    }),
  );
}
