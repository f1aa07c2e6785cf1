import { avalOf, formatAval, sameArrayType } from "../../core/aval.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { JsonObject } from "../../edge/json.ts";
import { InputError, orThrow, type Problem } from "../../edge/problem.ts";
import type { ReformerConfig, ReformerParams } from "../../reformer/index.ts";
import { readConfig } from "./config.ts";
import { paramsFromHuggingFace } from "./parameters.ts";
import { isMaskBuffer, languageModelWeights } from "./weights.ts";

/** Tensors by their names: a record, a map, or what `safetensors.parse` gives. */
export type NamedTensors =
  | Readonly<Record<string, Tensor>>
  | ReadonlyMap<string, Tensor>
  | { readonly tensors: ReadonlyMap<string, Tensor> };

/** A language model as `reformax/reformer` takes it. */
export interface LoadedReformer {
  readonly config: ReformerConfig;
  readonly params: ReformerParams;
}

/**
 * A HuggingFace `ReformerModelWithLMHead` from its config.json and its weights: what `logits`,
 * `loss` and `inspectHashing` of `reformax/reformer` take. Its conventions are kept, its streams
 * are floats and its dropout is 0; change the configuration to train it otherwise. Hash rotations
 * are drawn anew, so that LSH layers agree with HuggingFace's only where both use the same ones.
 * Half precision is widened by the parser; masks that old files store are ignored.
 *
 * @param config - the object that config.json holds
 * @param tensors - weights, f32, by the names of the state dict
 * @throws InputError with every problem at once: settings without a counterpart; then weights that
 *   are missing, of another shape or dtype, or that belong to no part of the model
 * @example
 * import { fromHuggingFace, InputError } from "reformax/interop";
 * const load = (): unknown => fromHuggingFace({ vocab_size: 320, hidden_act: "swish" }, {});
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
export function fromHuggingFace(config: JsonObject, tensors: NamedTensors): LoadedReformer {
  const ours = orThrow(readConfig(config));
  const weights = byName(tensors);
  const [first, ...more] = [...causalProblems(config), ...weightProblems(config, weights)];
  if (first !== undefined) throw new InputError([first, ...more]);
  const bias = weights.get(headBias) ?? weights.get(headBiasCopy);
  const complete = { ...Object.fromEntries(weights), ...(bias && { [headBias]: bias }) };
  return { config: ours, params: paramsFromHuggingFace(ours, complete) };
}

const isMap = (tensors: NamedTensors): tensors is ReadonlyMap<string, Tensor> =>
  tensors instanceof Map;

function byName(tensors: NamedTensors): ReadonlyMap<string, Tensor> {
  if (isMap(tensors)) return tensors;
  const { tensors: parsed } = tensors;
  return parsed instanceof Map ? parsed : new Map(Object.entries(tensors));
}

/** The head's bias has two names; files hold one of them or both. */
const headBias = "lm_head.bias";
const headBiasCopy = "lm_head.decoder.bias";

const causalProblems = ({ is_decoder: causal }: JsonObject): readonly Problem[] =>
  causal === true
    ? []
    : [
        {
          where: "config.json: is_decoder",
          problem: "this model sees tokens to come, and reformax has causal language models",
          expected: "true",
          got: JSON.stringify(causal ?? false),
        },
      ];

function weightProblems(
  config: JsonObject,
  weights: ReadonlyMap<string, Tensor>,
): readonly Problem[] {
  const expected = languageModelWeights(config);
  const misfits = [...expected].flatMap(([name, shape]): Problem[] => {
    const where = `tensor ${name}`;
    const aval = avalOf("f32", shape);
    const tensor = weights.get(name);
    if (tensor !== undefined) {
      if (sameArrayType(tensor.aval, aval)) return [];
      const got = formatAval(tensor.aval);
      return [{ where, problem: "has the wrong type", expected: formatAval(aval), got }];
    }
    const other = name === headBias ? headBiasCopy : name === headBiasCopy ? headBias : name;
    if (weights.has(other)) return [];
    return [{ where, problem: "is missing", expected: formatAval(aval) }];
  });
  const strangers = [...weights.keys()]
    .filter((name) => !expected.has(name) && !isMaskBuffer(name))
    .map((name) => ({ where: `tensor ${name}`, problem: "has no place in this model" }));
  return [...misfits, ...strangers];
}
