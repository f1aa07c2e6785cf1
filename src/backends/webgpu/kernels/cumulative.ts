import cumulative from "../../../../shaders/cumulative.wgsl";
import cumulativeBlocks from "../../../../shaders/cumulativeBlocks.wgsl";
import plus from "../../../../shaders/plus.wgsl";
import { splitAtAxis } from "../../../ir/layouts.ts";
import {
  inputBuffer,
  outputBuffer,
  workspaceBuffer,
  type BufferReference,
  type KernelCalls,
} from "../../../plan/index.ts";
import { u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { aligned, bytesOfWords, type Recipes } from "./recipe.ts";

/** Elements of a column that one thread adds up. */
const block = 256;

const numbers = u32("outer", "length", "inner", "reverse", "block", "blocks");

export const cumulativeKernels: readonly KernelSource[] = [
  {
    name: "cumulativeBlocks",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...written(u32("to"))],
    constants: u32("IS_FLOAT"),
    numbers,
    body: `${plus}\n${cumulativeBlocks}`,
    count: ([, outer, , inner, , , blocks]) => outer * blocks * inner,
  },
  {
    name: "cumulative",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source", "before"), ...written(u32("to"))],
    constants: u32("IS_FLOAT", "BLOCKS"),
    numbers,
    body: `${plus}\n${cumulative}`,
    count: ([, , outer, , inner, , , blocks]) => outer * blocks * inner,
  },
];

interface Sums {
  readonly isFloat: number;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  readonly reverse: number;
}

/** Sums of blocks, the running sums of these, and from there the sums inside of each block. */
function cumulativeCalls(
  sums: Sums,
  from: BufferReference,
  to: BufferReference,
  free: number,
): KernelCalls {
  const { isFloat, outer, length, inner, reverse } = sums;
  const blocks = Math.ceil(length / block);
  const sizes = [outer, length, inner, reverse, block, blocks];
  const work = outer * length * inner;
  const step = (before: BufferReference) => ({
    kernel: "cumulative",
    buffers: [from, before, to],
    immediates: [isFloat, Number(blocks > 1), ...sizes],
    work,
  });
  if (blocks <= 1) return { steps: [step(from)], workspaceBytes: bytesOfWords(free) };
  const partial = workspaceBuffer(bytesOfWords(free));
  const end = free + aligned(outer * blocks * inner);
  const running = cumulativeCalls({ ...sums, length: blocks, reverse: 0 }, partial, partial, end);
  return {
    steps: [
      {
        kernel: "cumulativeBlocks",
        buffers: [from, partial],
        immediates: [isFloat, ...sizes],
        work,
      },
      ...running.steps,
      step(partial),
    ],
    workspaceBytes: running.workspaceBytes,
  };
}

export const cumulativeRecipes: Recipes = {
  cumSum: ({ params: { axis, reverse }, inputs: [x] }) => {
    const isFloat = Number(x.dtype === "f32");
    const sums = { isFloat, ...splitAtAxis(x.shape, axis), reverse: Number(reverse) };
    return cumulativeCalls(sums, inputBuffer(0), outputBuffer(0), 0);
  },
};
