/**
 * Scratch memory of the tile VM: one area per part, so that threads do not meet. It is static data: a kernel
 * owns no other memory. An area holds, in this order: the slot table (8 bytes per slot), groups of 64
 * bytes for repeated values and for the last, incomplete vectors, and the registers.
 */

import { scratchAreas, scratchBytes } from "../generated/constants";

const scratch = memory.data(scratchAreas * scratchBytes, 16);

/** The area of a part: at most 32 parts may run at the same time. */
// @ts-ignore: decorator
@inline
export function scratchOf(part: i32): usize {
  return scratch + <usize>((part % scratchAreas) * scratchBytes);
}
