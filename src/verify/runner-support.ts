import { ReformaxError } from "../core/errors.ts";
import { Tensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { concatenate } from "../numpy/join.ts";
import { bucketCount, type ReformerConfig } from "../reformer/index.ts";
import { bucketSizes } from "../reformer/attention/buckets.ts";
import { headOptions } from "../reformer/models/layers.ts";
import { sequenceLength } from "./features.ts";
import { vjp } from "../transforms/index.ts";
import type { StateDict } from "../interop/huggingface/parameters.ts";
import type { GoldenCase } from "./case.ts";
import { isMaskBuffer } from "../interop/huggingface/weights.ts";

/** Results under the names of the case. */
export type Results = Map<string, Tensor>;

/** A tensor of the case; a missing one is an error with its name. */
export function tensorNamed({ tensors }: GoldenCase, name: string): Tensor {
  const found = tensors.get(name);
  if (found) return found;
  throw new ReformaxError("a tensor is missing", { where: "verify", expected: name });
}

/** A computed value as the tensor that it is outside of a trace. */
export function tensorOf(value: Value): Tensor {
  if (value instanceof Tensor) return value;
  throw new ReformaxError("a result is not concrete", { where: "verify", got: String(value) });
}

/** The case's weights, without constants that a loader ignores. */
export const weightsOf = ({ weights }: GoldenCase): StateDict =>
  Object.fromEntries([...weights].filter(([name]) => !isMaskBuffer(name)));

/**
 * Output of `f(weights, input)` and the gradients for the case's `input.grad_output`, as `grad.*`.
 *
 * @param inputGradient - name of the input's gradient, or null where the input is among the weights
 */
export function pullBack(
  golden: GoldenCase,
  f: (weights: StateDict, input: Value) => Value,
  inputName: string,
  inputGradient: string | null,
  outputName: string,
  weights: StateDict = weightsOf(golden),
): Results {
  const input = tensorNamed(golden, inputName);
  const [out, pull] = vjp<[StateDict, Value]>(f, weights, input);
  const [dWeights, dInput] = pull(tensorNamed(golden, "input.grad_output"));
  const results: Results = new Map([[outputName, tensorOf(out)]]);
  if (inputGradient !== null) results.set(`grad.${inputGradient}`, tensorOf(dInput));
  for (const [name, gradient] of Object.entries(dWeights))
    results.set(`grad.${name}`, tensorOf(gradient));
  return results;
}

/** Rotations of all heads, [heads, width, rounds, half], as a group of each: [heads, 1, width, rounds, half]. */
export const perHead = (given: Tensor): Value =>
  ops.reshape(given, [given.shape[0], 1, ...given.shape.slice(1)]);

/** Buckets of heads i32[B, rounds, L] as HuggingFace lists them, [B, heads, rounds, L]. */
export function bucketsForHuggingFace(
  golden: GoldenCase,
  heads: readonly Value[],
  config: ReformerConfig,
): Tensor {
  const [batch, rounds, length] = heads[0].shape;
  const perHead = heads.map((head) => ops.reshape(head, [batch, 1, rounds, length]));
  return offsetBuckets(golden, concatenate(perHead, 1), config);
}

/**
 * Buckets i32[B, heads, rounds, padded L] as HuggingFace numbers them: each round has an offset of its own, one larger when some token
 * is masked or padding, because those have a bucket too.
 */
export function offsetBuckets(golden: GoldenCase, all: Value, config: ReformerConfig): Tensor {
  const padded = all.shape[3];
  const head = headOptions(config, "lsh", "evaluation");
  const count = bucketCount(bucketSizes(head, padded));
  const hides =
    padded > sequenceLength(golden) ||
    golden.tensors.get("input.attention_mask")?.words().includes(0) === true;
  const offsets = ops.mul(
    ops.iota("i32", all.shape, 2),
    ops.full(all.shape, count + (hides ? 1 : 0), "i32"),
  );
  return tensorOf(ops.add(all, offsets));
}
