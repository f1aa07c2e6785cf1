/** Packs an operand of `matmul` that all shares of the product read, once for all of them. */
import { columnBlock, kBlock } from "../generated/constants";
import { isWide, leftWords, packLeft, packRight, paddedColumns } from "../support/matmulBlocks";
import { at, buffer, immediate, shareStart } from "../support/words";

/** Argument words that are buffers. */
const buffers: i32 = 2;
/** Steps of k that are not split: a cache line of one lane. */
const grain: i32 = 16;

/**
 * Buffers: x, out. Immediates: lanes, k, laneStride, kStride, isRight.
 * Lanes are rows of the left operand or columns of the right one. The terms [256 b, 256 (b + 1)) of all lanes lie together, as matmulBlocks.ts
 * packs them. Shares are ranges of k.
 */
export function packMatrix(args: usize, part: i32, parts: i32): void {
  const x = buffer(args, 0);
  const out = buffer(args, 1);
  const lanes = immediate(args, buffers);
  const k = immediate(args, buffers + 1);
  const laneStride = immediate(args, buffers + 2);
  const kStride = immediate(args, buffers + 3);
  const isRight = immediate(args, buffers + 4) != 0;
  const blockWords = isRight ? kBlock * paddedColumns(lanes) : leftWords(lanes, kBlock);
  const grains = (k + grain - 1) / grain;
  const end = min(k, shareStart(grains, part + 1, parts) * grain);
  let p = shareStart(grains, part, parts) * grain;
  while (p < end) {
    const block = p / kBlock;
    const first = p - block * kBlock;
    const depth = min(kBlock, k - block * kBlock);
    const count = min(depth - first, end - p);
    const from = at(x, block * kBlock * kStride);
    const to = at(out, block * blockWords);
    if (isRight) {
      for (let lane = 0; lane < lanes; lane += columnBlock) {
        packRight(
          isWide(lanes), at(to, lane * depth), at(from, lane * laneStride), min(columnBlock, lanes - lane), depth, first, count,
          laneStride, kStride,
        );
      }
    } else {
      packLeft(to, from, lanes, depth, first, count, laneStride, kStride);
    }
    p += count;
  }
}
