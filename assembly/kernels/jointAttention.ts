/**
 * Attention with one softmax over the keys of all rounds, a round at a time. A token occurs once in a round, so that a round's
 * blocks of queries are independent; between rounds `lse` holds running maxima, `sums` the sums of exponentials and `out`
 * unnormalised results.
 */
import { AttentionImmediates } from "../support/attentionFrame";
import { slots } from "../generated/constants";
import {
  attendBlock, beginBlock, enterFrame, finishBlock, queryBlocks, readBlock, resumeBlock, suspendBlock,
} from "../support/attentionForward";
import { buffer, immediatesAt, shareStart } from "../support/words";

/** Argument words that are buffers. */
const buffers: i32 = 12;

/**
 * Buffers: q, k, v, order, inverse, buckets, valid, dropoutKey, out, lse, sums, workspace. Immediates: those of
 * chunkedAttention, unitBits, round. Rounds are called in order.
 */
export function jointAttention(args: usize, part: i32, parts: i32): void {
  const sizes = changetype<AttentionImmediates>(immediatesAt(args, buffers));
  if (sizes.length == 0) return;
  const chunks = sizes.length / sizes.m;
  const blocks = queryBlocks(sizes);
  const units = sizes.groups * chunks * blocks;
  parts = min(parts, min(slots, units));
  if (part >= parts) return;

  const out = buffer(args, 8);
  const lse = buffer(args, 9);
  const sums = buffer(args, 10);
  const frame = enterFrame(args, sizes, buffer(args, 11), part);
  frame.round = sizes.round;
  const end = shareStart(units, part + 1, parts);
  for (let unit = shareStart(units, part, parts); unit < end; unit++) {
    const chunk = unit / blocks;
    frame.group = chunk / chunks;
    frame.chunk = chunk - frame.group * chunks;
    const offset = frame.group * sizes.length;
    readBlock(frame, unit - chunk * blocks);
    if (sizes.round == 0) beginBlock(frame);
    else resumeBlock(frame, offset, lse, sums, out);
    attendBlock(frame);
    if (sizes.round == sizes.rounds - 1) finishBlock(frame, offset, out, lse);
    else suspendBlock(frame, offset, lse, sums, out);
  }
}
