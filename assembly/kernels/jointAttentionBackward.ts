/** The derivative of jointAttention; see support/attentionBackward.ts. */
import { AttentionImmediates } from "../support/attentionFrame";
import { backwardSpace, enterBackward } from "../support/attentionBackwardSpace";
import { backwardParts, differentiateShare } from "../support/attentionColours";
import { buffer, immediatesAt } from "../support/words";

/** Argument words that are buffers. */
const buffers: i32 = 15;

/**
 * Buffers: q, k, v, order, inverse, buckets, valid, dropoutKey, out, lse, dOut, dq, dk, dv, workspace. Immediates: those
 * of jointAttention, colour. Adds to dq, dk and dv; dk may be dq.
 */
export function jointAttentionBackward(args: usize, part: i32, parts: i32): void {
  const sizes = changetype<AttentionImmediates>(immediatesAt(args, buffers));
  if (sizes.length == 0) return;
  parts = backwardParts(sizes, parts);
  if (part >= parts) return;
  const frame = enterBackward(args, sizes, buffer(args, 14), part);
  const space = backwardSpace(frame);
  space.out = buffer(args, 8);
  space.lse = buffer(args, 9);
  space.dOut = buffer(args, 10);
  space.dLse = 0;
  space.dq = buffer(args, 11);
  space.dk = buffer(args, 12);
  space.dv = buffer(args, 13);
  space.joint = true;
  differentiateShare(frame, part, parts);
}
