/** Sizes of the blocks that `assembly/kernels/matmul.ts` packs; the two files must agree. */
const rowBlock = 96;
const kBlock = 256;
const columnBlock = 512;
const tileRows = 4;
const tileColumns = 8;
/** At most this many parts share one product. */
const maxParts = 32;

const roundUp = (size: number, multiple: number): number => Math.ceil(size / multiple) * multiple;

/**
 * Workspace words of the `matmul` kernel for products of m x k and k x n matrices, whatever the batch
 * and the strides: packed blocks of both operands for each of `parts` parts.
 */
export function matmulWorkspaceWords(m: number, n: number, k: number, parts = maxParts): number {
  if (m === 0 || n === 0 || k === 0) return 0;
  // A narrow result is computed as its transpose.
  const [rows, columns] = n <= tileRows && m > n ? [n, m] : [m, n];
  const depth = Math.min(k, kBlock);
  const left = Math.min(roundUp(rows, tileRows), rowBlock) * depth;
  const paddedColumns = Math.min(roundUp(columns, tileColumns), columnBlock);
  const sums = rows <= tileRows ? tileRows * paddedColumns : tileRows * tileColumns;
  return Math.min(parts, maxParts) * (sums + left + paddedColumns * depth);
}
