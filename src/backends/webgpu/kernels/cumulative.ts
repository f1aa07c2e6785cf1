import cumulative from "../../../../shaders/cumulative.wgsl";
import cumulativeTotals from "../../../../shaders/cumulativeTotals.wgsl";
import plus from "../../../../shaders/plus.wgsl";
import { splitAtAxis } from "../../../ir/layouts.ts";
import {
  bytesOfWords,
  inputBuffer,
  outputBuffer,
  workspaceBuffer,
  type BufferReference,
  type KernelCalls,
} from "../../../plan/index.ts";
import { u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { aligned, type Recipes } from "./recipe.ts";

/** Elements of a column that one thread adds up: a node of the tree, which the shaders know too. */
const nodeLength = 256;

const numbers = u32("outer", "length", "inner", "reverse", "nodes");

export const cumulativeKernels: readonly KernelSource[] = [
  {
    name: "cumulativeTotals",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...written(u32("to"))],
    constants: u32("IS_FLOAT"),
    numbers,
    body: `${plus}\n${cumulativeTotals}`,
    count: ([, outer, , inner, , nodes]) => outer * nodes * inner,
  },
  {
    name: "cumulative",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source", "before"), ...written(u32("to"))],
    constants: u32("IS_FLOAT", "HAS_BEFORE", "EXCLUSIVE"),
    numbers,
    body: `${plus}\n${cumulative}`,
    count: ([, , , outer, , inner, , nodes]) => outer * nodes * inner,
  },
];

interface Sums {
  readonly isFloat: number;
  readonly exclusive: number;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  readonly reverse: number;
}

/** What the nodes come to, what comes before each by the same two kernels, and from there the sums inside of each node. */
function cumulativeCalls(
  sums: Sums,
  from: BufferReference,
  to: BufferReference,
  free: number,
): KernelCalls {
  const { isFloat, exclusive, outer, length, inner, reverse } = sums;
  const nodes = Math.ceil(length / nodeLength);
  const sizes = [outer, length, inner, reverse, nodes];
  const work = outer * length * inner;
  const step = (before: BufferReference) => ({
    kernel: "cumulative",
    buffers: [from, before, to],
    immediates: [isFloat, Number(nodes > 1), exclusive, ...sizes],
    work,
  });
  if (nodes <= 1) return { steps: [step(from)], workspaceBytes: bytesOfWords(free) };
  const partial = workspaceBuffer(bytesOfWords(free));
  const end = free + aligned(outer * nodes * inner);
  const above = { ...sums, exclusive: 1, length: nodes, reverse: 0 };
  const before = cumulativeCalls(above, partial, partial, end);
  return {
    steps: [
      {
        kernel: "cumulativeTotals",
        buffers: [from, partial],
        immediates: [isFloat, ...sizes],
        work,
      },
      ...before.steps,
      step(partial),
    ],
    workspaceBytes: before.workspaceBytes,
  };
}

export const cumulativeRecipes: Recipes = {
  cumSum: ({ params: { axis, reverse }, inputs: [x] }) => {
    const isFloat = Number(x.dtype === "f32");
    const sums = { isFloat, exclusive: 0, ...splitAtAxis(x.shape, axis), reverse: Number(reverse) };
    return cumulativeCalls(sums, inputBuffer(0), outputBuffer(0), 0);
  },
};
