/** What the kernel `cumulative` writes, other than sums from zero (0); and the shape of its tree. */

// @ts-ignore: decorator
@inline
export const BASES: i32 = 1;
// @ts-ignore: decorator
@inline
export const EXCLUSIVE: i32 = 2;
// @ts-ignore: decorator
@inline
export const TOTALS: i32 = 3;

/** Elements of a leaf, and branches of a node. */
// @ts-ignore: decorator
@inline
export const FAN: i32 = 4;
/** Elements of a node of leaves, which are added in one go. */
// @ts-ignore: decorator
@inline
export const NODE: i32 = 16;

/** Rows of a branch of a node of more than NODE rows: the largest power of FAN below. */
export function branchRows(rows: i32): i32 {
  return 1 << ((31 - clz(rows - 1)) & ~1);
}
