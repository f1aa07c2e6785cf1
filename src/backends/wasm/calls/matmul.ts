/**
 * How `assembly/kernels/matmul.ts` is called, cuts a product, and what workspace it needs; its numbers are in
 * constants/products.ts. Which of its ways the kernel takes depends on the arithmetic that it is built for, and nothing here does.
 */
import {
  bytesOfWords,
  inputBuffer,
  outputBuffer,
  workspaceBuffer,
  type KernelCalls,
  type MatrixProduct,
} from "../../../plan/index.ts";
import { products } from "../constants/products.ts";
import type { Shares } from "./recipe.ts";

const { rowBlock, kBlock, columnBlock, fewRows, fewColumns, tileWords, productSlots } = products;
const panelColumns = 8;

const roundUp = (size: number, multiple: number): number => Math.ceil(size / multiple) * multiple;

/** An m x k matrix times a k x n matrix. */
export interface MatrixSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** The operand that all parts of a product read: they share its rows, or else its columns. */
export interface SharedOperand {
  readonly side: "left" | "right";
  /** Rows of the left operand, or columns of the right one. */
  readonly lanes: number;
  /** Words that it takes when it is packed. */
  readonly packedWords: number;
}

export function sharedOperand({ m, n, k }: MatrixSizes): SharedOperand {
  if (m >= n) return { side: "right", lanes: n, packedWords: k * roundUp(n, panelColumns) };
  const blocks = Math.ceil(k / kBlock);
  return { side: "left", lanes: m, packedWords: blocks * leftWords(m, kBlock) };
}

/** A block of rows of the left operand: whole panels of four, or rows that lie a cache line further apart than they are long. */
const leftWords = (rows: number, depth: number): number => roundUp(rows, 4) * (depth + 16);

/** Work from which it is worth a step of its own to pack the operand that all parts read, about a quarter of a millisecond. */
const smallestPackedFlops = 8e6;
/** Where it does not fit a second-level cache it had better be packed block by block. */
const mostPackedWords = 2 ** 19;

/** Whether the operand that all parts read is packed once for all of them, and not by each of them. */
export function packsOnce(sizes: MatrixSizes, batch: number, parts: number): boolean {
  const { m, n, k } = sizes;
  const { lanes, packedWords } = sharedOperand(sizes);
  return (
    parts > 1 &&
    lanes > panelColumns &&
    packedWords <= mostPackedWords &&
    2 * batch * m * n * k >= smallestPackedFlops
  );
}

/**
 * Workspace words of the `matmul` kernel, whatever the batch and the strides: the operand that all parts read, if it is packed once, and
 * packed blocks of both operands, or of the other one, for each part.
 */
export function matmulWorkspaceWords(
  sizes: MatrixSizes,
  packed = false,
  parts: number = productSlots,
): number {
  const { m, n, k } = sizes;
  if (m === 0 || n === 0 || k === 0) return 0;
  const [rows, columns] = n <= fewColumns && m > n ? [n, m] : [m, n];
  const depth = Math.min(k, kBlock);
  const left = leftWords(Math.min(rows, rowBlock), depth);
  const paddedColumns = Math.min(roundUp(columns, panelColumns), columnBlock);
  const right = paddedColumns * depth;
  const sums = rows <= fewRows ? Math.max(tileWords, fewRows * paddedColumns) : tileWords;
  const slots = Math.min(parts, productSlots);
  if (!packed) return slots * (sums + left + right);
  const { side, packedWords } = sharedOperand(sizes);
  return packedWords + slots * (sums + (side === "right" ? left : right));
}

/** The calls of a product: where it pays, what all parts read is packed first. */
export function matmul(product: MatrixProduct, { threads, parts }: Shares): KernelCalls {
  const { batch, m, n, k, lhs, rhs } = product;
  const { side, lanes } = sharedOperand(product);
  const shared = side === "left" ? lhs : rhs;
  const packed = (batch === 1 || shared.batch === 0) && packsOnce(product, batch, parts);
  const words = matmulWorkspaceWords(product, packed, packed ? parts : threads);
  // The kernel expects an address for the workspace even where it needs none.
  const workspace = words > 0 ? workspaceBuffer(0) : outputBuffer(0);
  const multiply = {
    kernel: "matmul",
    buffers: [inputBuffer(0), inputBuffer(1), outputBuffer(0), workspace],
    immediates: [batch, m, n, k]
      .concat([lhs.batch, lhs.free, lhs.contract])
      .concat([rhs.batch, rhs.contract, rhs.free])
      .concat(Number(packed)),
    work: 2 * batch * m * n * k,
    // Each share packs what all read, where that is not done once.
    mostShares: packed ? undefined : threads,
  };
  const pack = {
    kernel: "packMatrix",
    buffers: [inputBuffer(side === "left" ? 0 : 1), workspace],
    immediates: [lanes, k, shared.free, shared.contract, Number(side === "right")],
    work: lanes * k,
    flops: 0,
  };
  return {
    steps: packed ? [pack, multiply] : [multiply],
    workspaceBytes: bytesOfWords(words),
  };
}
