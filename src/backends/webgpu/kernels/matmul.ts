import matmulText from "../../../../shaders/matmul.wgsl";
import {
  inputBuffer,
  outputBuffer,
  workspaceBuffer,
  type KernelCalls,
  type MatrixProduct,
} from "../../../plan/index.ts";
import { f32, i32, u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { aligned } from "./recipe.ts";
import { sumCalls } from "./reduce.ts";

/** Rows or columns of the results that a workgroup computes: the larger tile where there are enough of them. */
const tileOf = (size: number): number => (size > 64 ? 128 : 64);

/** Most terms that one workgroup adds up: longer sums are cut, so that products with few results fill the machine. */
const depth = 4096;

export const productKernels: readonly KernelSource[] = [
  {
    name: "matmul",
    granularity: "groups",
    workgroupSize: 256,
    operands: [...f32("a", "b"), ...written(f32("to"))],
    constants: u32("ROWS", "COLUMNS", "STEP", "LEFT_ALONG_K", "RIGHT_ALONG_K"),
    numbers: [
      ...u32("batch", "m", "n", "k", "depth"),
      ...i32("aBatch", "aRow", "aColumn", "bBatch", "bRow", "bColumn"),
    ],
    body: matmulText,
    count: ([rows, columns, , , , batch, m, n, k]) =>
      batch * Math.ceil(m / rows) * Math.ceil(n / columns) * blocksOf(k),
  },
];

const blocksOf = (k: number): number => Math.max(1, Math.ceil(k / depth));

/** How a product is carried out: in one kernel, or in blocks of its terms that are then added up in order. */
export function matmul({ batch, m, n, k, lhs, rhs }: MatrixProduct): KernelCalls {
  const blocks = blocksOf(k);
  const target = blocks === 1 ? outputBuffer(0) : workspaceBuffer(0);
  const [rows, columns] = [tileOf(m), tileOf(n)];
  const step = rows === 64 && columns === 64 ? 16 : 8;
  const multiply = {
    kernel: "matmul",
    buffers: [inputBuffer(0), inputBuffer(1), target],
    immediates: [rows, columns, step, Number(lhs.contract === 1), Number(rhs.contract === 1)]
      .concat([batch, m, n, k, depth])
      .concat([lhs.batch, lhs.free, lhs.contract])
      .concat([rhs.batch, rhs.contract, rhs.free]),
    work: 2 * batch * m * n * k,
  };
  if (blocks === 1) return { steps: [multiply] };
  const size = batch * m * n;
  const sums = sumCalls(
    { outer: 1, length: blocks, inner: size },
    target,
    outputBuffer(0),
    aligned(blocks * size),
  );
  return {
    ...sums,
    steps: [multiply, ...sums.steps.map((step) => ({ ...step, flops: 0 }))],
  };
}
