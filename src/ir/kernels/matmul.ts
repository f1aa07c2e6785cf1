/**
 * How `assembly/kernels/matmul.ts` cuts a product, and what workspace it needs; the two and assembly/support/matmulBlocks.ts must
 * agree.
 */

const rowBlock = 96;
const kBlock = 256;
const columnBlock = 512;
const tileRows = 4;
const tileColumns = 8;
/** At most this many parts share one product. */
const maxParts = 32;

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
  /** Lanes that lie next to each other when it is packed. */
  readonly panelWidth: number;
  /** Words of all its panels. */
  readonly packedWords: number;
}

export function sharedOperand({ m, n, k }: MatrixSizes): SharedOperand {
  const [side, lanes, panelWidth] =
    m >= n ? (["right", n, tileColumns] as const) : (["left", m, tileRows] as const);
  return { side, lanes, panelWidth, packedWords: k * roundUp(lanes, panelWidth) };
}

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
    lanes > tileColumns &&
    packedWords <= mostPackedWords &&
    2 * batch * m * n * k >= smallestPackedFlops
  );
}

/**
 * Workspace words of the `matmul` kernel, whatever the batch and the strides: the operand that all parts read, if it is packed once, and
 * packed blocks of both operands, or of the other one, for each part.
 */
export function matmulWorkspaceWords(sizes: MatrixSizes, packed = false, parts = maxParts): number {
  const { m, n, k } = sizes;
  if (m === 0 || n === 0 || k === 0) return 0;
  // A narrow result is computed as its transpose.
  const [rows, columns] = n <= tileRows && m > n ? [n, m] : [m, n];
  const depth = Math.min(k, kBlock);
  const left = Math.min(roundUp(rows, tileRows), rowBlock) * depth;
  const paddedColumns = Math.min(roundUp(columns, tileColumns), columnBlock);
  const right = paddedColumns * depth;
  const sums = rows <= tileRows ? tileRows * paddedColumns : tileRows * tileColumns;
  const slots = Math.min(parts, maxParts);
  if (!packed) return slots * (sums + left + right);
  const { side, packedWords } = sharedOperand(sizes);
  return packedWords + slots * (sums + (side === "right" ? left : right));
}
