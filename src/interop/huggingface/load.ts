import { checkOptions } from "../../core/arguments.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { JsonObject } from "../../edge/json.ts";
import { InputError, orThrowFrom, type Problem } from "../../edge/problem.ts";
import type { ReformerConfig } from "../../reformer/index.ts";
import { byName, strangerProblem, weightProblems, type NamedTensors } from "../named-tensors.ts";
import { readConfig } from "./config.ts";
import { paramsFromHuggingFace, type ParamsByHead } from "./parameters.ts";
import { allWeights, isMaskBuffer, type HeadKind, type WeightShapes } from "./weights.ts";

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
  const named = byName(tensors, where);
  const weights = head === "none" ? withoutPrefix(named) : named;
  const [first, ...more] = problemsOf(allWeights(head, config), weights);
  if (first !== undefined) throw new InputError([first, ...more], where);
  const bias = weights.get(headBias) ?? weights.get(headBiasCopy);
  const complete = { ...Object.fromEntries(weights), ...(bias && { [headBias]: bias }) };
  return { config: ours, params: paramsFromHuggingFace(ours, complete, head) };
}

const prefix = /^reformer\./;

const withoutPrefix = (weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> =>
  new Map([...weights].map(([name, tensor]) => [name.replace(prefix, ""), tensor]));

/** The head's bias has two names; files hold one of them or both. */
export const headBias = "lm_head.bias";
export const headBiasCopy = "lm_head.decoder.bias";

function problemsOf(
  expected: WeightShapes,
  weights: ReadonlyMap<string, Tensor>,
): readonly Problem[] {
  const misfits = [...expected].flatMap(([name, shape]): readonly Problem[] => {
    const tensor = weights.get(name);
    const other = name === headBias ? headBiasCopy : name === headBiasCopy ? headBias : name;
    if (tensor === undefined && weights.get(other) !== undefined) return [];
    return weightProblems(name, shape, tensor);
  });
  const strangers = [...weights.keys()]
    .filter((name) => !expected.has(name) && !isMaskBuffer(name))
    .map(strangerProblem);
  return [...misfits, ...strangers];
}
