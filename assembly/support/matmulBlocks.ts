/** How matrix products cut their operands; src/ir/kernels/matmul.ts has the same numbers. */

/** The register tile. */
export const tileRows: i32 = 4;
export const tileColumns: i32 = 8;
/** Terms that are summed before their sum joins the others. */
export const kBlock: i32 = 256;

/** The smallest multiple that is not below `size`. */
export function roundUp(size: i32, multiple: i32): i32 {
  return (size + multiple - 1) / multiple * multiple;
}
