import { checkOptions } from "../../core/arguments.ts";
import { formatAval } from "../../core/aval.ts";
import { describeArgument } from "../../core/describe-argument.ts";
import { Tensor, tensorFrom } from "../../core/tensor.ts";
import { leaves, paths } from "../../core/tree.ts";
import type { JsonObject } from "../../edge/json.ts";
import { orThrowFrom, unlessProblems, type Problem } from "../../edge/problem.ts";
import type { ReformerConfig } from "../../reformer/index.ts";
import { checkConfig } from "../../reformer/models/check-config.ts";
import { vjp } from "../../transforms/index.ts";
import { finiteProblems } from "../named-tensors.ts";
import { headBias, headBiasCopy, type LoadOptions } from "./load.ts";
import { paramsFromHuggingFace, type ParamsByHead } from "./parameters.ts";
import { allWeights, labelOf, type HeadKind, type WeightShapes } from "./weights.ts";
import { writeConfig } from "./write-config.ts";

/** A model as HuggingFace has it. */
export interface HuggingFaceModel {
  /** What config.json holds. */
  readonly config: JsonObject;
  /** Weights, f32, by the names of the state dict. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The file of its tokenizer, as `loadTokenizer` takes it, where there is one. */
  readonly tokenizer?: Uint8Array;
}

const where = "toHuggingFace";

/**
 * A model of ours as HuggingFace's config.json and state dict: the inverse of `fromHuggingFace`, bit for bit. Dropout is written, chunks of rows
 * are not. Where streams are fixed point (`reversible: "exact"`), logits agree up to the rounding of the streams.
 *
 * @param config - of conventions `huggingface`
 * @param params - of the model with the head that `options` names, on the host
 * @throws InputError with every setting at once that has no field there: other conventions, `full` layers, buckets that
 *   HuggingFace counts otherwise, ...; then with every parameter that is missing, of another shape, not finite, or of no part of the model
 * @example
 * import { init } from "reformax";
 * import { key } from "reformax/random";
 * import { initParams } from "reformax/reformer";
 * import { fromHuggingFace, toHuggingFace } from "reformax/interop";
 * import { trainConfig } from "reformax/training";
 * await init();
 * const { model } = trainConfig({ model: { conventions: "huggingface", lsh: { evaluationRounds: null, buckets: 16 } } });
 * const saved = toHuggingFace(model, initParams(model, key(0)));
 * console.log(saved.config.attn_layers, saved.tensors.get("lm_head.bias")?.shape); // => [ 'local', 'lsh' ] [ 256 ]
 * console.log(fromHuggingFace(saved.config, saved.tensors).config.width); // => 128
 * @see https://huggingface.co/docs/transformers/model_doc/reformer
 */
export function toHuggingFace<Kind extends HeadKind = "tokens">(
  config: ReformerConfig,
  params: ParamsByHead[Kind],
  options: LoadOptions<Kind> = {},
): HuggingFaceModel {
  checkConfig(config, where);
  checkOptions(options, { head: ["tokens", "classes", "spans", "none"] }, where);
  const { head = "tokens" as Kind } = options;
  const written = withClasses(orThrowFrom(where)(writeConfig(config, head)), head, params);
  const { [headBiasCopy]: copied, ...once } = zerosOf(allWeights(head, written));
  // Ours are theirs re-arranged, each once: what carries cotangents back is the inverse.
  const [like, pullBack] = vjp(
    (weights: Readonly<Record<string, Tensor>>) => paramsFromHuggingFace(config, weights, head),
    once,
  );
  orThrowFrom(where)(unlessProblems(misfits(like, params), () => params));
  const [tensors] = pullBack(params) as [Readonly<Record<string, Tensor>>];
  const copy = copied && { [headBiasCopy]: tensors[headBias] };
  return { config: written, tensors: new Map(Object.entries({ ...tensors, ...copy })) };
}

/** A problem for each leaf that is missing, of another type, not finite, or of no part of the model. */
function misfits(like: unknown, params: unknown): readonly Problem[] {
  const expected = leavesByPath(like);
  const given = leavesByPath(params);
  const wrong = [...expected].flatMap(([path, { aval }]): readonly Problem[] => {
    const leaf = given.get(path);
    const place = `params.${path}`;
    const type = formatAval(aval);
    if (leaf === undefined) return [{ where: place, problem: "is missing", expected: type }];
    const got = leaf instanceof Tensor ? formatAval(leaf.aval) : describeArgument(leaf);
    if (got === type && leaf instanceof Tensor) return finiteProblems(leaf, place);
    return [{ where: place, problem: "has the wrong type", expected: type, got }];
  });
  const strangers = [...given.keys()].filter((path) => !expected.has(path));
  return [
    ...wrong,
    ...strangers.map((path) => ({
      where: `params${path === "" ? "" : `.${path}`}`,
      problem: "has no place in this model",
    })),
  ];
}

function leavesByPath(tree: unknown): ReadonlyMap<string, Tensor> {
  const names = paths(tree);
  return new Map(leaves<Tensor>(tree).map((leaf, i) => [names[i], leaf]));
}

const zerosOf = (shapes: WeightShapes): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(
    [...shapes].map(([name, shape]) => [
      name,
      tensorFrom("f32", shape, new Float32Array(shape.reduce((size, n) => size * n, 1))),
    ]),
  );

/** How many classes there are stands in the parameters alone. */
function withClasses(config: JsonObject, head: HeadKind, params: unknown): JsonObject {
  const bias = leavesByPath(params).get("head.outer.bias");
  if (head !== "classes" || !(bias instanceof Tensor) || bias.shape.length !== 1) return config;
  const labels = Array.from({ length: bias.shape[0] }, (_, i) => [String(i), labelOf(i)]);
  return { ...config, id2label: Object.fromEntries(labels) as JsonObject };
}
