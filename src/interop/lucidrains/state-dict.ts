import type { Tensor } from "../../core/tensor.ts";
import { unlessProblems, type Problem, type Validated } from "../../edge/problem.ts";
import { strangerProblem, weightProblems } from "../named-tensors.ts";
import type { ModelWeights } from "./model-config.ts";

const wrapper = /^net\./;

/** Names without that of a wrapper around the model, and tables of axial positions as later versions name them. */
export function laterNames(weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const names = [...weights.keys()];
  const isWrapped = names.length > 0 && names.every((name) => wrapper.test(name));
  return new Map(
    [...weights].map(([name, tensor]) => {
      const own = isWrapped ? name.replace(wrapper, "") : name;
      return [own.replace(/^pos_emb\.weights_(\d+)$/, "pos_emb.weights.$1"), tensor];
    }),
  );
}

/** The layers are stored twice; files without copies may hold either name. */
const copyOf = (name: string): string =>
  name.replace(
    /^reformer\.layers\.blocks\.(\d+)\.(f|g)\.net\./,
    "reformer.layers.irrev_blocks.$1.$2.",
  );

/** The weights of a model, or what is wrong with any of them. */
export function collect(
  { trained, others }: ModelWeights,
  weights: ReadonlyMap<string, Tensor>,
): Validated<Readonly<Record<string, Tensor>>> {
  const found = new Map<string, Tensor>();
  const problems: Problem[] = [];
  for (const [name, shape] of trained) {
    const tensor = weights.get(name) ?? weights.get(copyOf(name));
    problems.push(...weightProblems(name, shape, tensor));
    if (tensor !== undefined) found.set(name, tensor);
  }
  for (const [name, tensor] of weights) {
    const shape = others.get(name);
    if (shape !== undefined) problems.push(...weightProblems(name, shape, tensor));
    else if (!trained.has(name)) problems.push(strangerProblem(name));
  }
  return unlessProblems(problems, () => Object.fromEntries(found));
}
