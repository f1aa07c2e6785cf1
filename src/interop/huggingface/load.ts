import { checkOptions } from "../../core/arguments.ts";
import { avalOf, formatAval } from "../../core/aval.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { ReformaxError } from "../../core/errors.ts";
import { nonFiniteElement } from "../../core/finite.ts";
import { isDeviceStorage } from "../../core/storage.ts";
import { Tensor } from "../../core/tensor.ts";
import type { JsonObject } from "../../edge/json.ts";
import { InputError, orThrowFrom, type Problem } from "../../edge/problem.ts";
import type { ReformerConfig } from "../../reformer/index.ts";
import { readConfig } from "./config.ts";
import { paramsFromHuggingFace, type ParamsByHead } from "./parameters.ts";
import { allWeights, isMaskBuffer, type HeadKind, type WeightShapes } from "./weights.ts";

/** Tensors by their names: a record, a map, or what `safetensors.parse` gives. */
export type NamedTensors =
  | Readonly<Record<string, Tensor>>
  | ReadonlyMap<string, Tensor>
  | { readonly tensors: ReadonlyMap<string, Tensor> };

/** A model as `reformax/reformer` takes it. */
export interface LoadedReformer<Kind extends HeadKind = "tokens"> {
  readonly config: ReformerConfig;
  readonly params: ParamsByHead[Kind];
}

/** What is to be loaded. */
export interface LoadOptions<Kind extends HeadKind> {
  /**
   * `tokens` (when absent): `ReformerModelWithLMHead` or `ReformerForMaskedLM`, for `logits` and `loss` or `masked`.
   * `classes`: `ReformerForSequenceClassification`, for `classifier`. `spans`: `ReformerForQuestionAnswering`, for `spans`.
   * `none`: `ReformerModel`, for `runStack`; its weights may have `reformer.` before their names.
   */
  readonly head?: Kind;
}

/**
 * A HuggingFace Reformer from its config.json and its weights: what the functions of `reformax/reformer` take. Its conventions
 * are kept: sequences are padded as there, and what it pads with or its mask calls padding stays without a meaning. Its
 * streams are floats and its dropout is 0; change the configuration to train it otherwise. Hash rotations are drawn anew, so that
 * LSH layers agree with HuggingFace's only where both use the same ones. Half precision is widened by the
 * parser; masks that old files store are ignored.
 *
 * @param config - the object that config.json holds
 * @param tensors - weights, f32, by the names of the state dict
 * @throws InputError with every problem at once: settings without a counterpart; then weights that
 *   are missing, of another shape or dtype, not finite, or that belong to no part of the model
 * @example
 * import { fromHuggingFace, InputError } from "reformax/interop";
 * const load = (): unknown => fromHuggingFace({ vocab_size: 320, hidden_act: "swash" }, {});
 * let problems: readonly string[] = [];
 * try {
 *   load();
 * } catch (error) {
 *   if (error instanceof InputError) problems = error.problems.map(({ where }) => where);
 * }
 * console.log(problems.slice(0, 2));
 * // => [ 'config.json: hidden_size', 'config.json: num_attention_heads' ]
 * @see https://huggingface.co/docs/transformers/model_doc/reformer
 */
export function fromHuggingFace<Kind extends HeadKind = "tokens">(
  config: JsonObject,
  tensors: NamedTensors,
  options: LoadOptions<Kind> = {},
): LoadedReformer<Kind> {
  // The default of the type parameter is that of the option.
  const where = "fromHuggingFace";
  checkOptions(options, { head: ["tokens", "classes", "spans", "none"] }, where);
  const { head = "tokens" as Kind } = options;
  const ours = orThrowFrom(where)(readConfig(config));
  const weights = head === "none" ? withoutPrefix(byName(tensors)) : byName(tensors);
  const [first, ...more] = weightProblems(allWeights(head, config), weights);
  if (first !== undefined) throw new InputError([first, ...more], where);
  const bias = weights.get(headBias) ?? weights.get(headBiasCopy);
  const complete = { ...Object.fromEntries(weights), ...(bias && { [headBias]: bias }) };
  return { config: ours, params: paramsFromHuggingFace(ours, complete, head) };
}

const prefix = /^reformer\./;

const withoutPrefix = (weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> =>
  new Map([...weights].map(([name, tensor]) => [name.replace(prefix, ""), tensor]));

const isMap = (tensors: NamedTensors): tensors is ReadonlyMap<string, Tensor> =>
  tensors instanceof Map;

function byName(tensors: NamedTensors): ReadonlyMap<string, Tensor> {
  const given: unknown = tensors;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ReformaxError("the weights are of another kind", {
      where: "fromHuggingFace",
      expected: "an object or a Map of arrays by name, or what safetensors.parseOrThrow gives",
      got: describeArgument(given),
    });
  }
  if (isMap(tensors)) return tensors;
  const { tensors: parsed } = tensors;
  return parsed instanceof Map ? parsed : new Map(Object.entries(tensors));
}

/** A file with NaN or infinity in it is damaged. What is on a device cannot be looked at at once. */
export function finiteProblems(tensor: Tensor, where: string): readonly Problem[] {
  const got = isDeviceStorage(tensor.storage) ? undefined : nonFiniteElement(tensor);
  if (got === undefined) return [];
  return [{ where, problem: "is not finite", expected: "finite numbers", got }];
}

/** The head's bias has two names; files hold one of them or both. */
export const headBias = "lm_head.bias";
export const headBiasCopy = "lm_head.decoder.bias";

function weightProblems(
  expected: WeightShapes,
  weights: ReadonlyMap<string, Tensor>,
): readonly Problem[] {
  const misfits = [...expected].flatMap(([name, shape]): readonly Problem[] => {
    const where = `tensor ${name}`;
    const aval = avalOf("f32", shape);
    const tensor = weights.get(name);
    if (tensor !== undefined) {
      const got = tensor instanceof Tensor ? formatAval(tensor.aval) : describeArgument(tensor);
      if (got === formatAval(aval)) return finiteProblems(tensor, where);
      return [{ where, problem: "has the wrong type", expected: formatAval(aval), got }];
    }
    const other = name === headBias ? headBiasCopy : name === headBiasCopy ? headBias : name;
    if (weights.get(other) !== undefined) return [];
    return [{ where, problem: "is missing", expected: formatAval(aval) }];
  });
  const strangers = [...weights.keys()]
    .filter((name) => !expected.has(name) && !isMaskBuffer(name))
    .map((name) => ({ where: `tensor ${name}`, problem: "has no place in this model" }));
  return [...misfits, ...strangers];
}
