import combine from "../../../../shaders/combine.wgsl";
import reduceColumns from "../../../../shaders/reduceColumns.wgsl";
import reduceRows from "../../../../shaders/reduceRows.wgsl";
import { isFixed } from "../../../core/dtype.ts";
import { DTypeError } from "../../../core/errors.ts";
import type { ReduceOp } from "../../../ir/lowering.ts";
import {
  bytesOfWords,
  inputBuffer,
  outputBuffer,
  workspaceBuffer,
  type BufferReference,
  type KernelCalls,
  type KernelStep,
  type Reduction,
} from "../../../plan/index.ts";
import { u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { aligned } from "./recipe.ts";

export const reduceKernels: readonly KernelSource[] = [
  {
    name: "reduceRows",
    granularity: "groups",
    workgroupSize: 64,
    operands: [...u32("source"), ...written(u32("to"))],
    constants: u32("OP"),
    numbers: u32("rows", "length", "block", "blocks"),
    body: `${combine}\n${reduceRows}`,
    count: ([, rows, , , blocks]) => rows * blocks,
  },
  {
    name: "reduceColumns",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...written(u32("to"))],
    constants: u32("OP"),
    numbers: u32("outer", "length", "inner", "block", "blocks"),
    body: `${combine}\n${reduceColumns}`,
    count: ([, outer, , inner, , blocks]) => outer * inner * blocks,
  },
];

/** Elements of a row that a workgroup reduces, and of a column that a thread does. */
const rowBlock = 4096;
const columnBlock = 64;

/** Codes of `shaders/combine.wgsl` by element type. */
const codes: Record<"f32" | "i32" | "u32" | "bool", Partial<Record<ReduceOp, number>>> = {
  f32: { sum: 0, product: 1, max: 2, min: 3 },
  i32: { sum: 4, product: 5, max: 6, min: 7, and: 10, or: 11 },
  u32: { sum: 4, product: 5, max: 8, min: 9, and: 10, or: 11 },
  bool: { and: 12, or: 11, max: 11, min: 12 },
};

/** How a reduction is carried out: blocks of the axis, then blocks of those results, until one is left. */
export function reduce(reduction: Reduction, where: string): KernelCalls {
  const { op, dtype, outer, length, inner } = reduction;
  const code = codes[isFixed(dtype) ? "i32" : dtype][op];
  if (code === undefined) throw new DTypeError(`no ${op} of ${dtype}`, { where });
  return reduceCalls(code, { outer, length, inner }, inputBuffer(0), outputBuffer(0), 0);
}

interface Sizes {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** Sums over the middle axis of f32[outer, length, inner]; the workspace is used from word `free` on. */
export const sumCalls = (
  sizes: Sizes,
  from: BufferReference,
  to: BufferReference,
  free: number,
): KernelCalls => reduceCalls(codes.f32.sum ?? 0, sizes, from, to, free);

function reduceCalls(
  code: number,
  { outer, length, inner }: Sizes,
  from: BufferReference,
  to: BufferReference,
  free: number,
): KernelCalls {
  const block = inner === 1 ? rowBlock : columnBlock;
  const blocks = Math.max(1, Math.ceil(length / block));
  const step = (target: BufferReference): KernelStep => ({
    kernel: inner === 1 ? "reduceRows" : "reduceColumns",
    buffers: [from, target],
    immediates:
      inner === 1
        ? [code, outer, length, block, blocks]
        : [code, outer, length, inner, block, blocks],
    work: outer * length * inner,
  });
  if (blocks === 1) return { steps: [step(to)], workspaceBytes: bytesOfWords(free) };
  const partial = workspaceBuffer(bytesOfWords(free));
  const end = free + aligned(outer * blocks * inner);
  const next = reduceCalls(code, { outer, length: blocks, inner }, partial, to, end);
  return { ...next, steps: [step(partial), ...next.steps] };
}
