/**
 * Matrix products by packed panels (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008).
 *
 * Every element is summed over k in blocks of 256, each from zero and in order, and the block sums are added in order. Nothing else
 * decides its bits: not m, n, the strides, the shares or the path taken.
 */
import { columnBlock, fewColumns, fewRows, kBlock, productSlots, rowBlock, tileWords } from "../generated/constants";
import { fillRun } from "../support/copy";
import { alongRows, isWide, leftStep, leftWords, packLeft, packRight, paddedColumns, panelColumns, tileColumns, tileRows } from "../support/matmulBlocks";
import { addRowProduct } from "../support/rowProduct";
import { at, shareStart } from "../support/words";
import { rows3x12, rows3x8, rows4x8, tile4x8 } from "../generated/tile";

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
  parts = min(parts, productSlots);
  if (part >= parts) return;
  const byRows = splitsRows(m, n);
  const wide = isWide(n);
  const grain = byRows ? tileRows(wide) : tileColumns(wide);
  const perMatrix = ((byRows ? m : n) + grain - 1) / grain;
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
  if (n <= fewColumns && m > n) {
    multiplyBlocks(
      slotOf(arg, part, n, m), isFew(n), isWide(m), columns, rows, k,
      b, arg.bColumn, arg.bRow, 0, a, arg.aColumn, arg.aRow, 0, out, 1, n,
    );
  } else {
    const isPacked = arg.packed != 0;
    const byRows = splitsRows(m, n);
    multiplyBlocks(
      slotOf(arg, part, m, n), isFew(m), isWide(n), rows, columns, k,
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

/** A part's workspace, behind the packed operand; `matmulWorkspaceWords` in src/backends/wasm/calls/matmul.ts is its twin. */
function slotOf(arg: Arguments, part: i32, rows: i32, columns: i32): usize {
  const depth = min(arg.k, kBlock);
  const left = leftWords(min(rows, rowBlock), depth);
  const right = min(paddedColumns(columns), columnBlock) * depth;
  const sums = sumWords(isFew(rows), columns);
  if (!arg.packed) return at(arg.workspace, part * (sums + left + right));
  const byRows = splitsRows(rows, columns);
  const packed = byRows ? arg.k * paddedColumns(columns) : (arg.k + kBlock - 1) / kBlock * leftWords(rows, kBlock);
  return at(arg.workspace, packed + part * (sums + (byRows ? left : right)));
}

/** Words for sums on their way to the result: a tile, or a few rows of a block. */
function sumWords(few: bool, columns: i32): i32 {
  return few ? max(tileWords, fewRows * min(paddedColumns(columns), columnBlock)) : tileWords;
}

/**
 * `few`, `wide`: so is the whole product; a share alone does not decide the path. `aPacked`, `bPacked`: where the operand lies
 * packed, 0 if it does not.
 */
function multiplyBlocks(
  slot: usize, few: bool, wide: bool, rows: i32, columns: i32, k: i32,
  a: usize, aRow: i32, aColumn: i32, aPacked: usize, b: usize, bRow: i32, bColumn: i32, bPacked: usize,
  out: usize, outRow: i32, outColumn: i32,
): void {
  const left = at(slot, sumWords(few, columns));
  const right = aPacked ? left : at(left, leftWords(min(rows, rowBlock), min(k, kBlock)));
  const asItLies = alongRows && aColumn == 1 && !aPacked;
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
      if (!bPacked) packRight(wide, right, bBlock, blockColumns, depth, 0, depth, bColumn, bRow);
      const rightPanels = bPacked ? at(bPacked, p * paddedColumns(columns) + column * depth) : right;
      for (let row = 0; row < rows; row += rowBlock) {
        const blockRows = min(rowBlock, rows - row);
        let rowsOfA = at(aBlock, row * aRow);
        if (aPacked) {
          rowsOfA = at(aPacked, p / kBlock * leftWords(rows, kBlock) + row * leftStep(depth));
        } else if (!asItLies) {
          packLeft(left, rowsOfA, blockRows, depth, 0, depth, aRow, aColumn);
          rowsOfA = left;
        }
        multiplyPanels(
          slot, wide, rowsOfA, asItLies ? aRow : leftStep(depth), rightPanels, blockRows, blockColumns, depth,
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

/** A block of rows, every `leftRow` words one, times a packed block of columns. */
function multiplyPanels(
  tile: usize, wide: bool, left: usize, leftRow: i32, right: usize, rows: i32, columns: i32, depth: i32,
  out: usize, outRow: i32, outColumn: i32, accumulate: bool,
): void {
  const height = tileRows(wide);
  const aStep = (<usize>leftRow) << 2;
  const outStep = (<usize>outRow) << 2;
  let column = 0;
  while (column < columns) {
    const width = panelColumns(wide, columns - column);
    const usedColumns = min(width, columns - column);
    const b = at(right, column * depth);
    for (let row = 0; row < rows; row += height) {
      const usedRows = min(height, rows - row);
      const a = at(left, row * leftRow);
      const corner = at(out, row * outRow + column * outColumn);
      if (usedRows == height && usedColumns == width && outColumn == 1) {
        multiplyTile(height, width, depth, a, aStep, height - 1, b, corner, outStep, accumulate);
      } else {
        multiplyTile(height, width, depth, a, aStep, usedRows - 1, b, tile, (<usize>width) << 2, false);
        moveSums(tile, width, corner, usedRows, usedColumns, outRow, outColumn, accumulate);
      }
    }
    column += width;
  }
}

// @ts-ignore: decorator
@inline
function multiplyTile(
  height: i32, width: i32, depth: i32, a: usize, aStep: usize, last: usize, b: usize, out: usize, outStep: usize,
  accumulate: bool,
): void {
  if (!alongRows) tile4x8(depth, a, 16, b, 32, out, outStep, accumulate);
  else if (height == 4) rows4x8(depth, a, aStep, last, b, out, outStep, accumulate);
  else if (width == 12) rows3x12(depth, a, aStep, last, b, out, outStep, accumulate);
  else rows3x8(depth, a, aStep, last, b, out, outStep, accumulate);
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
