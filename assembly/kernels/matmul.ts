/**
 * Matrix products by packed panels (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008).
 *
 * Every element is summed over k in blocks of 256, each from zero and in order, and the block sums are added in order. Nothing else
 * decides its bits: not m, n, the strides, the shares or the path taken.
 */
import { fillRun } from "../support/copy";
import { kBlock, roundUp, tileColumns, tileRows } from "../support/matmulBlocks";
import { EightLanes, FourLanes, packPanels } from "../support/pack";
import { addRowProduct } from "../support/rowProduct";
import { at, shareStart } from "../support/words";
import { tile4x8 } from "../generated/tile";

/** Rows of a packed block of the left operand; with kBlock it fills a fifth of a typical second-level cache. */
const rowBlock: i32 = 96;
const columnBlock: i32 = 512;
/** The workspace has room for this many parts. */
const slots: i32 = 32;
const tileWords: i32 = 32;
/** Up to this many rows, packing the right operand costs more than it saves. */
const fewRows: i32 = 4;

/** The argument words. */
@unmanaged
class Arguments {
  a: usize;
  b: usize;
  out: usize;
  workspace: usize;
  batch: i32;
  m: i32;
  n: i32;
  k: i32;
  aBatch: i32;
  aRow: i32;
  aColumn: i32;
  bBatch: i32;
  bRow: i32;
  bColumn: i32;
  packed: i32;
}

/**
 * Buffers: a, b, out, workspace. Immediates: batch, m, n, k, aBatch, aRow, aCol, bBatch, bRow, bCol, packed.
 * out[batch, m, n] = a[m, k] b[k, n]; out does not overlap the operands. Shares are groups of rows if m >= n, else of columns. If
 * `packed`, the operand that all of them read, b or a, is the same for the whole batch and lies at the start of the workspace as
 * `packMatrix` leaves it; both m and n are then more than 4.
 */
export function matmul(args: usize, part: i32, parts: i32): void {
  const arg = changetype<Arguments>(args);
  const m = arg.m;
  const n = arg.n;
  if (arg.batch == 0 || m == 0 || n == 0) return;
  parts = min(parts, slots);
  if (part >= parts) return;
  const byRows = splitsRows(m, n);
  const perMatrix = byRows ? (m + tileRows - 1) / tileRows : (n + tileColumns - 1) / tileColumns;
  const grain = byRows ? tileRows : tileColumns;
  const end = shareStart(arg.batch * perMatrix, part + 1, parts);
  let unit = shareStart(arg.batch * perMatrix, part, parts);
  while (unit < end) {
    const matrix = unit / perMatrix;
    const first = unit - matrix * perMatrix;
    const last = min(perMatrix, first + end - unit);
    if (byRows) multiply(arg, part, matrix, first * grain, min(m, last * grain), 0, n);
    else multiply(arg, part, matrix, 0, m, first * grain, min(n, last * grain));
    unit += last - first;
  }
}

/** The rows [rowStart, rowEnd) and columns [columnStart, columnEnd) of one product. */
function multiply(
  arg: Arguments, part: i32, matrix: i32, rowStart: i32, rowEnd: i32, columnStart: i32, columnEnd: i32,
): void {
  const a = at(arg.a, matrix * arg.aBatch + rowStart * arg.aRow);
  const b = at(arg.b, matrix * arg.bBatch + columnStart * arg.bColumn);
  const out = at(arg.out, (matrix * arg.m + rowStart) * arg.n + columnStart);
  const rows = rowEnd - rowStart;
  const columns = columnEnd - columnStart;
  const m = arg.m;
  const n = arg.n;
  const k = arg.k;
  if (k == 0) {
    for (let row = 0; row < rows; row++) fillRun(at(out, row * n), 0, columns);
    return;
  }
  // A narrow result is computed as its transpose: its many rows fill the eight columns of the tile.
  if (n <= tileRows && m > n) {
    multiplyBlocks(
      slotOf(arg, part, n, m), isFew(n), columns, rows, k,
      b, arg.bColumn, arg.bRow, 0, a, arg.aColumn, arg.aRow, 0, out, 1, n,
    );
  } else {
    const isPacked = arg.packed != 0;
    const byRows = splitsRows(m, n);
    multiplyBlocks(
      slotOf(arg, part, m, n), isFew(m), rows, columns, k,
      a, arg.aRow, arg.aColumn, isPacked && !byRows ? arg.workspace : 0,
      b, arg.bRow, arg.bColumn, isPacked && byRows ? arg.workspace : 0, out, n, 1,
    );
  }
}

/** Shares are groups of rows, or else of columns. */
function splitsRows(m: i32, n: i32): bool {
  return m >= n;
}

function isFew(rows: i32): bool {
  return rows <= fewRows;
}

/** A part's workspace, behind the packed operand; `matmulWorkspaceWords` in src/ir/kernels/matmul.ts is its twin. */
function slotOf(arg: Arguments, part: i32, rows: i32, columns: i32): usize {
  const depth = min(arg.k, kBlock);
  const left = min(roundUp(rows, tileRows), rowBlock) * depth;
  const right = min(roundUp(columns, tileColumns), columnBlock) * depth;
  const sums = sumWords(isFew(rows), columns);
  if (!arg.packed) return at(arg.workspace, part * (sums + left + right));
  const byRows = splitsRows(rows, columns);
  const packed = arg.k * (byRows ? roundUp(columns, tileColumns) : roundUp(rows, tileRows));
  return at(arg.workspace, packed + part * (sums + (byRows ? left : right)));
}

/** Words for sums on their way to the result: a tile, or a few rows of a block. */
function sumWords(few: bool, columns: i32): i32 {
  return few ? fewRows * min(roundUp(columns, tileColumns), columnBlock) : tileWords;
}

/**
 * `few`: the whole product has few rows; a share alone does not decide the path. `aPacked`, `bPacked`: where the operand lies
 * packed, 0 if it does not.
 */
function multiplyBlocks(
  slot: usize, few: bool, rows: i32, columns: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32, aPacked: usize, b: usize, bRow: i32, bColumn: i32, bPacked: usize,
  out: usize, outRow: i32, outColumn: i32,
): void {
  const paddedRows = roundUp(rows, tileRows);
  const paddedColumns = roundUp(columns, tileColumns);
  const left = at(slot, sumWords(few, columns));
  const right = aPacked ? left : at(left, min(paddedRows, rowBlock) * min(k, kBlock));
  for (let column = 0; column < columns; column += columnBlock) {
    const blockColumns = min(columnBlock, columns - column);
    for (let p = 0; p < k; p += kBlock) {
      const depth = min(kBlock, k - p);
      const bBlock = at(b, p * bRow + column * bColumn);
      const aBlock = at(a, p * aColumn);
      const outBlock = at(out, column * outColumn);
      if (few && bColumn == 1) {
        multiplyFewRows(
          slot, rows, blockColumns, depth, aBlock, aRow, aColumn, bBlock, bRow, outBlock, outRow, outColumn, p > 0,
        );
        continue;
      }
      if (!bPacked) packPanels<EightLanes>(right, bBlock, blockColumns, depth, bColumn, bRow);
      const rightPanels = bPacked ? at(bPacked, p * paddedColumns + column * depth) : right;
      for (let row = 0; row < rows; row += rowBlock) {
        const blockRows = min(rowBlock, rows - row);
        if (!aPacked) packPanels<FourLanes>(left, at(aBlock, row * aRow), blockRows, depth, aRow, aColumn);
        multiplyPanels(
          slot, aPacked ? at(aPacked, p * paddedRows + row * depth) : left, rightPanels, blockRows, blockColumns, depth,
          at(outBlock, row * outRow), outRow, outColumn, p > 0,
        );
      }
    }
  }
}

/** The unpacked way: the right operand is read once, along its rows. */
function multiplyFewRows(
  sums: usize, rows: i32, columns: i32, depth: i32, a: usize, aRow: i32, aColumn: i32, b: usize, bRow: i32,
  out: usize, outRow: i32, outColumn: i32, accumulate: bool,
): void {
  fillRun(sums, 0, rows * columns);
  // Four rows of b at a time, which stay in the first-level cache for all rows of a.
  for (let p = 0; p < depth; p += 4) {
    for (let row = 0; row < rows; row++) {
      addRowProduct(
        at(sums, row * columns), at(a, row * aRow + p * aColumn), aColumn, at(b, p * bRow), bRow,
        min(4, depth - p), columns,
      );
    }
  }
  moveSums(sums, columns, out, rows, columns, outRow, outColumn, accumulate);
}

/** A packed block of rows times a packed block of columns. */
function multiplyPanels(
  tile: usize, left: usize, right: usize, rows: i32, columns: i32, depth: i32,
  out: usize, outRow: i32, outColumn: i32, accumulate: bool,
): void {
  for (let column = 0; column < columns; column += tileColumns) {
    const b = at(right, column * depth);
    const usedColumns = min(tileColumns, columns - column);
    for (let row = 0; row < rows; row += tileRows) {
      const usedRows = min(tileRows, rows - row);
      const a = at(left, row * depth);
      const corner = at(out, row * outRow + column * outColumn);
      if (usedRows == tileRows && usedColumns == tileColumns && outColumn == 1) {
        tile4x8(depth, a, tileRows * 4, b, tileColumns * 4, corner, (<usize>outRow) << 2, accumulate);
      } else {
        tile4x8(depth, a, tileRows * 4, b, tileColumns * 4, tile, tileColumns * 4, false);
        moveSums(tile, tileColumns, corner, usedRows, usedColumns, outRow, outColumn, accumulate);
      }
    }
  }
}

/** Finished sums, stored in the result or added to it. */
function moveSums(
  sums: usize, sumsRow: i32, out: usize, rows: i32, columns: i32, outRow: i32, outColumn: i32, accumulate: bool,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const target = at(out, row * outRow + column * outColumn);
      const value = load<f32>(at(sums, row * sumsRow + column));
      store<f32>(target, accumulate ? load<f32>(target) + value : value);
    }
  }
}
