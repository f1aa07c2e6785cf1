import { isFixed } from "../../../core/dtype.ts";
import { DTypeError } from "../../../core/errors.ts";
import type { ReduceOp } from "../../../ir/lowering.ts";
import {
  inputBuffer,
  outputBuffer,
  type BufferReference,
  type KernelCalls,
  type KernelStep,
  type Reduction,
} from "../../../plan/index.ts";

/** Codes of the `reduce` kernel by element type. */
const codes: Record<"f32" | "i32" | "u32" | "bool", Partial<Record<ReduceOp, number>>> = {
  f32: { sum: 0, product: 1, max: 2, min: 3 },
  i32: { sum: 4, product: 5, max: 6, min: 7, and: 10, or: 11 },
  u32: { sum: 4, product: 5, max: 8, min: 9, and: 10, or: 11 },
  bool: { and: 10, or: 11, max: 11, min: 10 },
};

/** How the kernel `reduce` is called. */
export function reduce(reduction: Reduction, where: string): KernelCalls {
  const { op, dtype, outer, length, inner } = reduction;
  const code = codes[isFixed(dtype) ? "i32" : dtype][op];
  if (code === undefined) throw new DTypeError(`no ${op} of ${dtype}`, { where });
  return {
    steps: [
      {
        kernel: "reduce",
        buffers: [inputBuffer(0), outputBuffer(0)],
        immediates: [outer, length, inner, code],
        work: outer * length * inner,
      },
    ],
  };
}

/** The sums over the rows of f32[rows, width] as one step of an operation. */
export const sumRowsStep = (
  from: BufferReference,
  to: BufferReference,
  rows: number,
  width: number,
): KernelStep => ({
  kernel: "reduce",
  buffers: [from, to],
  immediates: [1, rows, width, codes.f32.sum ?? 0],
  work: rows * width,
  flops: 0,
});
