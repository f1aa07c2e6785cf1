import { copyBlock } from "../support/block";
import { buffer, immediate, immediatesAt } from "../support/words";

/**
 * Buffers: x, out, 8 starts (one i32 each; those from rank on are not read). Immediates: rank, xShape[rank],
 * sizes[rank]. Copies the block of `sizes` at the starts, which are clamped to [0, xShape - sizes].
 */
export function dynamicSlice(args: usize, part: i32, parts: i32): void {
  const rank = immediate(args, 10);
  copyBlock(
    buffer(args, 0), buffer(args, 1), immediatesAt(args, 2), rank,
    immediatesAt(args, 11), immediatesAt(args, 11 + rank), false, part, parts,
  );
}
