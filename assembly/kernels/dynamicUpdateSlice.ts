import { copyBlock } from "../support/block";
import { buffer, immediate, immediatesAt } from "../support/words";

/**
 * Buffers: update, out (holds the array already), 8 starts (one i32 each; those from rank on are not read).
 * Immediates: rank, outShape[rank], sizes[rank]. Writes the update at the starts, clamped as in dynamicSlice.
 */
export function dynamicUpdateSlice(args: usize, part: i32, parts: i32): void {
  const rank = immediate(args, 10);
  copyBlock(
    buffer(args, 1), buffer(args, 0), immediatesAt(args, 2), rank,
    immediatesAt(args, 11), immediatesAt(args, 11 + rank), true, part, parts,
  );
}
