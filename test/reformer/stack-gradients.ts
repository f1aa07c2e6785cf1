/** Values and gradients of small stacks. */
import { jit, tree, vjp, type Value } from "../../src/index.ts";
import type {
  LayerParams,
  StackContext,
  StackFunction,
  Streams,
} from "../../src/reformer/stack/reversible.ts";
import { toStream, valuesOf, type StreamDType } from "../../src/reformer/stack/stream.ts";
import { firstDifference, normalTensor } from "../support/tensors.ts";
import { q32, type Stack } from "./stacks.ts";

export const exact = q32(20);

export const streamsOf = (
  [first, second]: readonly [Value, Value],
  dtype: StreamDType,
): Streams => ({
  first: toStream(first, dtype),
  second: toStream(second, dtype),
});

/** What is differentiated: real values of the streams at the top, from everything with a derivative. */
export interface Differentiable {
  readonly params: readonly LayerParams[];
  readonly inputs: readonly [Value, Value];
  readonly memory: Stack["memory"] | null;
}

export const differentiable = ({ params, inputs, memory }: Stack): Differentiable => ({
  params,
  inputs,
  memory,
});

export const apply =
  (run: StackFunction, dtype: StreamDType) =>
  ({ params, inputs, memory }: Differentiable, context: StackContext): readonly [Value, Value] => {
    const shared = { ...(context.shared as object), memory };
    const { streams } = run(params, streamsOf(inputs, dtype), { ...context, shared });
    return [valuesOf(streams.first), valuesOf(streams.second)];
  };

/** Values and gradients of all leaves, as one compiled function. */
export function gradientsOf(run: StackFunction, stack: Stack, dtype: StreamDType) {
  const { inputs, context } = stack;
  const cotangents = inputs.map((x, i) => normalTensor(900 + i, x.shape));
  const compute = jit((at: Differentiable, around: StackContext) => {
    const [values, pullBack] = vjp((inner: Differentiable) => apply(run, dtype)(inner, around), at);
    return { values, gradient: pullBack([cotangents[0], cotangents[1]])[0] };
  });
  return compute(differentiable(stack), context);
}

/** Paths of the leaves that differ in some bit. */
export function differences(a: unknown, b: unknown): readonly string[] {
  const [left, right] = [tree.leaves<Value>(a), tree.leaves<Value>(b)];
  return tree.paths(a).filter((_, i) => firstDifference(left[i], right[i]) >= 0);
}
