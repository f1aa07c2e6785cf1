/**
 * Calls that every target makes alike, of kernels by these names: those that move rows and words, and the losses of rows. What a target does
 * its own way, its table of recipes replaces.
 */
import { sizeOf } from "../core/shape.ts";
import type { PrimitiveName, PrimitiveParams } from "../ir/params.ts";
import { indexedRows, rowsOf, splitAtAxis } from "../ir/layouts.ts";
import { blockArguments } from "./block-arguments.ts";
import {
  inputBuffer,
  outputBuffer,
  updatedBuffer,
  type KernelCalls,
  type KernelRequest,
  type KernelStep,
} from "./kernel-calls.ts";
import type { StridedCopy } from "./target.ts";

/** Bytes of so many words. */
export const bytesOfWords = (words: number): number => 4 * words;

/** Calls that are a single step. */
export const oneStep = (
  kernel: string,
  buffers: KernelStep["buffers"],
  immediates: readonly number[],
): KernelCalls => ({ steps: [{ kernel, buffers, immediates }] });

/** `count` words of result number `output` filled with the same bits. */
export const fillStep = (output: number, count: number, bits: number): KernelStep => ({
  kernel: "fill",
  buffers: [outputBuffer(output)],
  immediates: [count, bits],
  work: count,
  flops: 0,
});

/** `count` words from an operand to the result of its number. */
export const copyStep = (count: number, index = 0): KernelStep => ({
  kernel: "copyWords",
  buffers: [inputBuffer(index), outputBuffer(index)],
  immediates: [count],
  work: count,
  isMove: true,
});

/** Elements of operand 0 to other places of result 0: rank, shape, then offset and strides of both. */
export function copyStridedStep({ shape, from, to }: StridedCopy): KernelStep {
  const axes = mergeAxes(
    shape.map((size, i) => ({ size, from: from.strides[i], to: to.strides[i] })),
  );
  const column = (key: keyof Axis): readonly number[] => axes.map((axis) => axis[key]);
  return {
    kernel: "copyStrided",
    buffers: [inputBuffer(0), outputBuffer(0)],
    immediates: [
      axes.length,
      ...column("size"),
      from.offset,
      ...column("from"),
      to.offset,
      ...column("to"),
    ],
    work: sizeOf(shape),
  };
}

interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** Neighbours whose strides continue one another become one axis; axes of size 1 disappear. */
function mergeAxes(axes: readonly Axis[]): readonly Axis[] {
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = merged.at(-1);
    const continues = outer?.from === axis.from * axis.size && outer.to === axis.to * axis.size;
    if (outer && continues) merged[merged.length - 1] = { ...axis, size: outer.size * axis.size };
    else merged.push(axis);
  }
  return merged;
}

type CommonRecipes = {
  readonly [N in PrimitiveName]?: (request: KernelRequest<PrimitiveParams[N]>) => KernelCalls;
};

export const commonRecipes = {
  gather: ({ params: { batchDims }, inputs: [x, indices] }) => {
    const { batch, n, inner, m } = indexedRows(x, indices, batchDims);
    const buffers = [inputBuffer(0), inputBuffer(1), outputBuffer(0)];
    return oneStep("gatherRows", buffers, [batch, n, inner, m]);
  },
  permute: ({ inputs: [x] }) =>
    oneStep("permuteRows", [inputBuffer(0), inputBuffer(1), outputBuffer(0)], x.shape),
  dynamicSlice: ({ params: { sizes }, inputs: [x] }) => {
    const { starts, immediates } = blockArguments("dynamicSlice", x.shape, sizes, 1);
    return oneStep("dynamicSlice", [inputBuffer(0), outputBuffer(0), ...starts], immediates);
  },
  dynamicUpdateSlice: ({ inputs: [x, update] }) => {
    const { starts, immediates } = blockArguments("dynamicUpdateSlice", x.shape, update.shape, 2);
    const buffers = [inputBuffer(1), updatedBuffer(0), ...starts];
    const write: KernelStep = { kernel: "dynamicUpdateSlice", buffers, immediates };
    return { steps: [copyStep(sizeOf(x.shape)), write] };
  },
  iota: ({ params: { dtype, shape, axis } }) => {
    const { outer, length, inner } = splitAtAxis(shape, axis);
    return oneStep("iota", [outputBuffer(0)], [outer, length, inner, Number(dtype === "f32")]);
  },
  softmaxCrossEntropy: ({ inputs: [logits] }) => {
    const { rows, width } = rowsOf(logits);
    const buffers = [inputBuffer(0), inputBuffer(1), outputBuffer(0), outputBuffer(1)];
    return oneStep("softmaxCrossEntropy", buffers, [rows, width]);
  },
  softmaxCrossEntropyBackward: ({ inputs: [logits] }) => {
    const { rows, width } = rowsOf(logits);
    const buffers = [...[0, 1, 2, 3].map(inputBuffer), outputBuffer(0)];
    return oneStep("softmaxCrossEntropyBackward", buffers, [rows, width]);
  },
} as const satisfies CommonRecipes;
