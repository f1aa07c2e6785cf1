import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { checkKind } from "../../core/arguments.ts";
import type { JsonObject } from "../../edge/json.ts";
import { orThrowFrom, unlessProblems, type Validated } from "../../edge/problem.ts";
import type { BodyParams, ReformerConfig } from "../../reformer/index.ts";
import { byName, type NamedTensors } from "../named-tensors.ts";
import { configFor } from "./loaded-config.ts";
import { modelWeights } from "./model-config.ts";
import { layerParams } from "./model-params.ts";
import { moduleOptions } from "./module-options.ts";
import { readOptions } from "./options.ts";
import { collect, laterNames } from "./state-dict.ts";

/** Layers without an embedding and an output, for `reversible(buildLayers(config, "evaluation"))`. */
export interface LoadedStack {
  /** Its vocabulary and its positions mean nothing. */
  readonly config: ReformerConfig;
  readonly layers: BodyParams["layers"];
}

/**
 * A bare `Reformer` of lucidrains' reformer-pytorch from the options of its constructor and its state dict, as `fromLucidrains` reads a
 * language model: the parameters of its layers, and a configuration to build them by. What it gives for vectors x is the mean of both
 * streams above the layers, where both begin as x.
 *
 * @param options - the arguments of the constructor, by name
 * @param tensors - weights, f32, by the names of the state dict
 * @returns the layers, or every problem at once, as `fromLucidrains` finds them
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { fromLucidrainsStack } from "reformax/interop";
 * const read = fromLucidrainsStack({ dim: 64, depth: 1, heads: 4, num_tokens: 256 }, {});
 * console.log(E.isLeft(read) && read.left[0].where); // => options: num_tokens
 * @see https://github.com/lucidrains/reformer-pytorch
 */
export const fromLucidrainsStack = (
  options: JsonObject,
  tensors: NamedTensors,
): Validated<LoadedStack> => read(options, tensors, "fromLucidrainsStack");

/**
 * {@link fromLucidrainsStack}, throwing.
 *
 * @throws InputError with every problem at once
 * @example
 * import { fromLucidrainsStackOrThrow, InputError } from "reformax/interop";
 * let problems = 0;
 * try {
 *   fromLucidrainsStackOrThrow({ dim: 64, depth: 1 }, {});
 * } catch (error) {
 *   if (error instanceof InputError) problems = error.problems.length;
 * }
 * console.log(problems); // => 12
 */
export function fromLucidrainsStackOrThrow(
  options: JsonObject,
  tensors: NamedTensors,
): LoadedStack {
  const where = "fromLucidrainsStackOrThrow";
  return orThrowFrom(where)(read(options, tensors, where));
}

/** Of a language model around the layers: positions that leave the layers as they are. */
const around = { num_tokens: 2, max_seq_len: 1, absolute_position_emb: true };

const ofLanguageModel = /^(num_tokens|max_seq_len|.*position_.*)$/;

function read(options: JsonObject, tensors: NamedTensors, where: string): Validated<LoadedStack> {
  const given = checkKind(options, "object", "the options", where);
  const weights = laterNames(byName(tensors, where));
  const named = new Map(
    [...weights].map(([name, tensor]) => [name.replace(/^layers\./, "reformer.layers."), tensor]),
  );
  return pipe(
    unlessProblems(
      Object.keys(given)
        .filter((name) => ofLanguageModel.test(name))
        .map((name) => ({
          where: `options: ${name}`,
          problem: "is of ReformerLM, which fromLucidrains reads",
          expected: "an option of Reformer",
          got: name,
        })),
      () => ({ ...given, ...around }),
    ),
    E.chain((all) => readOptions(all)),
    E.map(moduleOptions),
    E.chain((known) =>
      pipe(
        configFor(known),
        E.chain((config) => {
          const { trained, others } = modelWeights(known, config);
          const ofLayers = new Map([...trained].filter(([name]) => name.startsWith("reformer.")));
          return pipe(
            collect({ trained: ofLayers, others }, named),
            E.map((dict) => ({
              config: { ...config, positions: { kind: "none" as const } },
              layers: layerParams(known, config, dict),
            })),
          );
        }),
      ),
    ),
  );
}
