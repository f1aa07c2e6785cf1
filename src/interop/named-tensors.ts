import { avalOf, formatAval } from "../core/aval.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError } from "../core/errors.ts";
import { nonFiniteElement } from "../core/finite.ts";
import type { Shape } from "../core/shape.ts";
import { isDeviceStorage } from "../core/storage.ts";
import { Tensor } from "../core/tensor.ts";
import type { Problem } from "../edge/problem.ts";

/** Tensors by their names: a record, a map, or what `safetensors.parse` gives. */
export type NamedTensors =
  | Readonly<Record<string, Tensor>>
  | ReadonlyMap<string, Tensor>
  | { readonly tensors: ReadonlyMap<string, Tensor> };

const isMap = (tensors: NamedTensors): tensors is ReadonlyMap<string, Tensor> =>
  tensors instanceof Map;

/** @param where - the function that was called */
export function byName(tensors: NamedTensors, where: string): ReadonlyMap<string, Tensor> {
  const given: unknown = tensors;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ReformaxError("the weights are of another kind", {
      where,
      expected: "an object or a Map of arrays by name, or what safetensors.parseOrThrow gives",
      got: describeArgument(given),
    });
  }
  if (isMap(tensors)) return tensors;
  const { tensors: parsed } = tensors;
  return parsed instanceof Map ? parsed : new Map(Object.entries(tensors));
}

/** What is wrong with a weight: missing, of another type, or not finite. */
export function weightProblems(
  name: string,
  shape: Shape,
  tensor: Tensor | undefined,
): readonly Problem[] {
  const where = `tensor ${name}`;
  const expected = formatAval(avalOf("f32", shape));
  if (tensor === undefined) return [{ where, problem: "is missing", expected }];
  const got = tensor instanceof Tensor ? formatAval(tensor.aval) : describeArgument(tensor);
  if (got === expected) return finiteProblems(tensor, where);
  return [{ where, problem: "has the wrong type", expected, got }];
}

export const strangerProblem = (name: string): Problem => ({
  where: `tensor ${name}`,
  problem: "has no place in this model",
});

/** A file with NaN or infinity in it is damaged. What is on a device cannot be looked at at once. */
export function finiteProblems(tensor: Tensor, where: string): readonly Problem[] {
  const got = isDeviceStorage(tensor.storage) ? undefined : nonFiniteElement(tensor);
  if (got === undefined) return [];
  return [{ where, problem: "is not finite", expected: "finite numbers", got }];
}
