/** Packs an operand of `matmul` that all shares of the product read, once for all of them. */
import { kBlock, roundUp } from "../support/matmulBlocks";
import { EightLanes, FourLanes, packPanels } from "../support/pack";
import { at, buffer, immediate, shareStart } from "../support/words";

/** Argument words that are buffers. */
const buffers: i32 = 2;

/**
 * Buffers: x, out. Immediates: lanes, k, laneStride, kStride, width.
 * Panels of `width` lanes (4 for the left operand, 8 for the right one): block b of 256 terms begins at word 256 b lanes', where lanes' is
 * `lanes` rounded up to whole panels, and panel i of a block of `depth` terms i width depth words behind that.
 */
export function packMatrix(args: usize, part: i32, parts: i32): void {
  const x = buffer(args, 0);
  const out = buffer(args, 1);
  const lanes = immediate(args, buffers);
  const k = immediate(args, buffers + 1);
  const laneStride = immediate(args, buffers + 2);
  const kStride = immediate(args, buffers + 3);
  const width = immediate(args, buffers + 4);
  const paddedLanes = roundUp(lanes, width);
  const panels = paddedLanes / width;
  const first = shareStart(panels, part, parts) * width;
  const end = min(lanes, shareStart(panels, part + 1, parts) * width);
  if (first >= end) return;
  for (let p = 0; p < k; p += kBlock) {
    const depth = min(kBlock, k - p);
    const to = at(out, p * paddedLanes + first * depth);
    const from = at(x, first * laneStride + p * kStride);
    if (width == 4) packPanels<FourLanes>(to, from, end - first, depth, laneStride, kStride);
    else packPanels<EightLanes>(to, from, end - first, depth, laneStride, kStride);
  }
}
