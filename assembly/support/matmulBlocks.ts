/**
 * How matrix products cut and pack their operands; the numbers are in src/backends/wasm/constants/products.ts.
 *
 * The right operand lies in panels of a register tile's columns, for which each step of k is one run of words. Where multiplyAdd is one
 * operation, tiles read the left operand along its rows, as it lies or as copied where its rows are not contiguous, and those of wide
 * products are 3 x 12: 18 instructions for 9 operations instead of 17 for 8, and more sums that do not wait for each other. Where it is
 * two, arithmetic is what limits a tile, and all are 4 x 8 of panels on both sides.
 */
import { columnBlock } from "../generated/constants";
import { EightLanes, FourLanes, packPanel, TwelveLanes } from "./pack";
import { copySteps, transpose } from "./transpose";
import { at } from "./words";

/** Products with fewer columns are left to the tile of 4 x 8. */
const wideColumns: i32 = 96;

/** Whether tiles read the left operand along its rows, and not in panels. */
// @ts-ignore: decorator
@inline
export const alongRows: bool = ASC_FEATURE_RELAXED_SIMD;

/** Whether a product with so many columns is cut into wide tiles. */
export function isWide(columns: i32): bool {
  return alongRows && columns >= wideColumns;
}

// @ts-ignore: decorator
@inline
export function tileRows(wide: bool): i32 {
  return wide ? 3 : 4;
}

// @ts-ignore: decorator
@inline
export function tileColumns(wide: bool): i32 {
  return wide ? 12 : 8;
}

/** Columns of the panel with which the last `columns` columns of a block begin. */
export function panelColumns(wide: bool, columns: i32): i32 {
  return wide && columns > 8 && (columns <= 12 || columns > 16) ? 12 : 8;
}

/** Words between copied rows: a cache line more than they are long, so that rows of 2^n words do not share cache sets. */
function rowStep(depth: i32): i32 {
  return depth + 16;
}

/** Words between a packed row and the next; within a panel the first row stands for all. */
export function leftStep(depth: i32): i32 {
  return alongRows ? rowStep(depth) : depth;
}

/** Room for a block of packed rows, in either way. */
export function leftWords(rows: i32, depth: i32): i32 {
  return ((rows + 3) & ~3) * rowStep(depth);
}

/** Room for columns in panels of 8, or of 12 and 8. */
export function paddedColumns(columns: i32): i32 {
  return (columns + 7) & ~7;
}

/**
 * Packs at most `columnBlock` columns of the right operand: steps [first, first + count) of panels of `depth` steps. The element (p, column) lies
 * at b + p kStride + column columnStride.
 */
export function packRight(
  wide: bool, out: usize, b: usize, columns: i32, depth: i32, first: i32, count: i32, columnStride: i32, kStride: i32,
): void {
  let column = 0;
  while (column < columns) {
    const rest = columns - column;
    const width = panelColumns(wide, rest);
    const from = at(b, column * columnStride + first * kStride);
    const to = at(out, column * depth + first * width);
    if (width == 12) packPanel<TwelveLanes>(to, from, rest, count, columnStride, kStride);
    else packPanel<EightLanes>(to, from, rest, count, columnStride, kStride);
    column += width;
  }
}

/**
 * Packs rows of the left operand: steps [first, first + count) of `depth`. The element (row, p) lies at a + row rowStride + p kStride.
 */
export function packLeft(
  out: usize, a: usize, rows: i32, depth: i32, first: i32, count: i32, rowStride: i32, kStride: i32,
): void {
  const from = at(a, first * kStride);
  if (!alongRows) {
    for (let row = 0; row < rows; row += 4) {
      packPanel<FourLanes>(at(out, row * depth + 4 * first), at(from, row * rowStride), rows - row, count, rowStride, kStride);
    }
  } else if (rowStride == 1) {
    transpose(from, at(out, first), count, kStride, rows, leftStep(depth));
  } else {
    for (let row = 0; row < rows; row++) {
      copySteps(at(from, row * rowStride), at(out, row * leftStep(depth) + first), count, kStride, 1);
    }
  }
}
