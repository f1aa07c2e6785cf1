import { sequenceS } from "fp-ts/lib/Apply.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { checkKind } from "../../core/arguments.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { JsonObject } from "../../edge/json.ts";
import {
  orThrowFrom,
  unlessProblems,
  validation,
  within,
  type Validated,
} from "../../edge/problem.ts";
import type { encoderDecoder, ReformerConfig } from "../../reformer/index.ts";
import { byName, strangerProblem, type NamedTensors } from "../named-tensors.ts";
import { configFor } from "./loaded-config.ts";
import { modelWeights } from "./model-config.ts";
import { bodyParams, modelParams, normParams } from "./model-params.ts";
import { moduleOptions, type ModuleOptions } from "./module-options.ts";
import { readOptions } from "./options.ts";
import { joined } from "./pair-config.ts";
import { otherProblems, pairOptions } from "./pair-options.ts";
import { collect, laterNames } from "./state-dict.ts";

/** What the functions of `encoderDecoder` take. */
export interface LoadedEncoderDecoder {
  readonly config: encoderDecoder.EncoderDecoderConfig;
  readonly params: encoderDecoder.EncoderDecoderParams;
}

/**
 * A `ReformerEncDec` of lucidrains' reformer-pytorch from the options of its constructor and its state dict, as `fromLucidrains` reads a
 * language model. The decoder reads the encoder's result by keys, and each embeds tokens by a table of its own. Both have to be alike but
 * for their depth, positions, windows, hashing and vocabularies, and have layer norms.
 *
 * @param options - the arguments of the constructor, by name (`enc_depth`)
 * @param tensors - weights, f32, by the names of the state dict
 * @returns the model, or every problem at once, as `fromLucidrains` finds them
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { fromLucidrainsEncoderDecoder } from "reformax/interop";
 * const sizes = { num_tokens: 20, depth: 1, max_seq_len: 64 };
 * const options = Object.entries(sizes).flatMap(([name, n]) => [[`enc_${name}`, n], [`dec_${name}`, n]]);
 * const more = { dim: 64, dec_heads: 4 };
 * const read = fromLucidrainsEncoderDecoder({ ...Object.fromEntries(options), ...more }, {});
 * console.log(E.isLeft(read) && read.left[0].where); // => options: heads of the encoder
 * @see https://github.com/lucidrains/reformer-pytorch
 */
export const fromLucidrainsEncoderDecoder = (
  options: JsonObject,
  tensors: NamedTensors,
): Validated<LoadedEncoderDecoder> => read(options, tensors, "fromLucidrainsEncoderDecoder");

/**
 * {@link fromLucidrainsEncoderDecoder}, throwing.
 *
 * @throws InputError with every problem at once
 * @example
 * import { fromLucidrainsEncoderDecoderOrThrow, InputError } from "reformax/interop";
 * let place;
 * try {
 *   fromLucidrainsEncoderDecoderOrThrow({ dim: 64 }, {});
 * } catch (error) {
 *   if (error instanceof InputError) place = error.problems[0].where;
 * }
 * console.log(place); // => options: enc_num_tokens
 */
export function fromLucidrainsEncoderDecoderOrThrow(
  options: JsonObject,
  tensors: NamedTensors,
): LoadedEncoderDecoder {
  const where = "fromLucidrainsEncoderDecoderOrThrow";
  return orThrowFrom(where)(read(options, tensors, where));
}

function read(
  options: JsonObject,
  tensors: NamedTensors,
  where: string,
): Validated<LoadedEncoderDecoder> {
  const given = checkKind(options, "object", "the options", where);
  const weights = byName(tensors, where);
  const { enc, dec } = pairOptions(given);
  return pipe(
    sequenceS(validation)({
      enc: halfOf(enc, "enc"),
      dec: halfOf(dec, "dec"),
      others: unlessProblems(otherProblems(given), () => null),
    }),
    E.chain((halves) =>
      pipe(
        joined(halves.enc.config, halves.dec.config),
        E.chain((config) =>
          pipe(
            sequenceS(validation)({
              enc: weightsOf(halves.enc, weights, "enc"),
              dec: weightsOf(halves.dec, weights, "dec"),
              others: unlessProblems(
                [...weights.keys()].filter((name) => !owned.test(name)).map(strangerProblem),
                () => null,
              ),
            }),
            E.map((found) => ({ config, params: paramsOf(halves, found) })),
          ),
        ),
      ),
    ),
  );
}

/** One of the two models, by itself. */
interface Half {
  readonly options: ModuleOptions;
  readonly config: ReformerConfig;
}

type Side = "enc" | "dec";

const halfOf = (given: JsonObject, side: Side): Validated<Half> =>
  pipe(
    readOptions(given, `options: ${side}_`),
    E.map(moduleOptions),
    E.chain((options) =>
      pipe(
        within(`${side}: `)(configFor(options)),
        E.map((config) => ({ options, config })),
      ),
    ),
  );

const owned = /^(enc|dec)\.(net\.)*/;

const weightsOf = (
  { options, config }: Half,
  weights: ReadonlyMap<string, Tensor>,
  side: Side,
): Validated<Readonly<Record<string, Tensor>>> => {
  const own = [...weights].flatMap(([name, tensor]): [string, Tensor][] =>
    name.startsWith(`${side}.`) ? [[name.replace(owned, ""), tensor]] : [],
  );
  const expected = modelWeights(options, config, side === "dec");
  return within(`${side}: `)(collect(expected, laterNames(new Map(own))));
};

/** Layers of a decoder that reads by keys have no attention to the encoder's result. */
function paramsOf(
  { enc, dec }: Readonly<Record<Side, Half>>,
  weights: Readonly<Record<Side, Readonly<Record<string, Tensor>>>>,
): LoadedEncoderDecoder["params"] {
  const encoder = bodyParams(enc.options, enc.config, weights.enc);
  const decoder = modelParams(dec.options, dec.config, weights.dec);
  return {
    ...decoder,
    layers: decoder.layers as LoadedEncoderDecoder["params"]["layers"],
    encoder: { ...encoder, norm: normParams(weights.enc, "norm") },
  };
}
