/** Attention in chunks of sorted slots, every round on its own. */
import { AttentionImmediates } from "../support/attentionFrame";
import { slots } from "../generated/constants";
import { attendBlock, beginBlock, enterFrame, finishBlock, queryBlocks, readBlock } from "../support/attentionForward";
import { roundStart } from "../support/attentionIndices";
import { buffer, immediatesAt, shareStart } from "../support/words";

/** Argument words that are buffers. */
const buffers: i32 = 11;

/**
 * Buffers: q, k, v, order, inverse, buckets, valid, dropoutKey, out, lse, workspace. Immediates: N, L, R, d, e, m,
 * before, after, flags, scaleBits, selfBits, keepBits.
 */
export function chunkedAttention(args: usize, part: i32, parts: i32): void {
  const sizes = changetype<AttentionImmediates>(immediatesAt(args, buffers));
  if (sizes.length == 0) return;
  const chunks = sizes.length / sizes.m;
  const blocks = queryBlocks(sizes);
  const units = sizes.groups * sizes.rounds * chunks * blocks;
  parts = min(parts, min(slots, units));
  if (part >= parts) return;

  const frame = enterFrame(args, sizes, buffer(args, 10), part);
  const end = shareStart(units, part + 1, parts);
  for (let unit = shareStart(units, part, parts); unit < end; unit++) {
    const chunk = unit / blocks;
    const round = chunk / chunks;
    frame.group = round / sizes.rounds;
    frame.round = round - frame.group * sizes.rounds;
    frame.chunk = chunk - round * chunks;
    readBlock(frame, unit - chunk * blocks);
    beginBlock(frame);
    attendBlock(frame);
    finishBlock(frame, roundStart(frame, frame.round), buffer(args, 8), buffer(args, 9));
  }
}
