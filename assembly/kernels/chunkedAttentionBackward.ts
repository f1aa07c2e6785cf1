/** The derivative of chunkedAttention; see support/attentionBackward.ts. */
import { AttentionImmediates } from "../support/attentionFrame";
import { backwardSpace, enterBackward } from "../support/attentionBackwardSpace";
import { backwardParts, differentiateShare } from "../support/attentionColours";
import { buffer, immediatesAt } from "../support/words";

/** Argument words that are buffers. */
const buffers: i32 = 16;

/**
 * Buffers: q, k, v, order, inverse, buckets, valid, dropoutKey, out, lse, dOut, dLse, dq, dk, dv, workspace. Immediates: those
 * of chunkedAttention, 0, round, colour. Adds to dq, dk and dv.
 */
export function chunkedAttentionBackward(args: usize, part: i32, parts: i32): void {
  const sizes = changetype<AttentionImmediates>(immediatesAt(args, buffers));
  if (sizes.length == 0) return;
  parts = backwardParts(sizes, parts);
  if (part >= parts) return;
  const frame = enterBackward(args, sizes, buffer(args, 15), part);
  const space = backwardSpace(frame);
  space.out = buffer(args, 8);
  space.lse = buffer(args, 9);
  space.dOut = buffer(args, 10);
  space.dLse = buffer(args, 11);
  space.dq = buffer(args, 12);
  space.dk = buffer(args, 13);
  space.dv = buffer(args, 14);
  space.joint = false;
  differentiateShare(frame, part, parts);
}
