/**
 * Which chunks a call of a backward kernel works on: those of one colour in one round. Chunks of a colour are before + 1 + after apart, so that
 * their windows have no chunk in common, and within a round a token is in one chunk: what they add to, no other chunk of the colour does. Shares
 * are free of races, and a token gets its contributions by round and colour, whatever the number of shares. On a ring the chunks
 * whose window leads into other rounds have no such guarantee: they are one more colour, -1, one after another.
 */
import { differentiateChunk } from "./attentionBackward";
import { AttentionFrame, AttentionImmediates } from "./attentionFrame";
import { CIRCULAR, slots } from "../generated/constants";
import { shareStart } from "./words";

/** The number of shares that have work, of at most `parts`. */
export function backwardParts(sizes: AttentionImmediates, parts: i32): i32 {
  return min(parts, min(slots, unitsOf(sizes)));
}

/** Chunks of the round from this one on have their window in the round, up to {@link insideEnd}. */
// @ts-ignore: decorator
@inline
function insideStart(sizes: AttentionImmediates): i32 {
  return sizes.flags & CIRCULAR ? min(sizes.before, sizes.length / sizes.m) : 0;
}

// @ts-ignore: decorator
@inline
function insideEnd(sizes: AttentionImmediates): i32 {
  const chunks = sizes.length / sizes.m;
  return sizes.flags & CIRCULAR ? max(insideStart(sizes), chunks - sizes.after) : chunks;
}

/** Chunks of the colour in a group. */
function chunksOf(sizes: AttentionImmediates): i32 {
  const step = sizes.before + 1 + sizes.after;
  return max(0, (insideEnd(sizes) - insideStart(sizes) - sizes.colour + step - 1) / step);
}

function unitsOf(sizes: AttentionImmediates): i32 {
  return sizes.colour < 0 ? sizes.groups : sizes.groups * chunksOf(sizes);
}

/** This share of the colour's chunks. */
export function differentiateShare(frame: AttentionFrame, part: i32, parts: i32): void {
  const sizes = frame.sizes;
  const units = unitsOf(sizes);
  const start = shareStart(units, part, parts);
  const end = shareStart(units, part + 1, parts);
  if (sizes.colour < 0) {
    const chunks = sizes.length / sizes.m;
    for (let group = start; group < end; group++) {
      frame.group = group;
      for (let chunk = 0; chunk < insideStart(sizes); chunk++) differentiateChunk(frame, chunk);
      for (let chunk = insideEnd(sizes); chunk < chunks; chunk++) differentiateChunk(frame, chunk);
    }
    return;
  }
  const count = chunksOf(sizes);
  const step = sizes.before + 1 + sizes.after;
  for (let unit = start; unit < end; unit++) {
    frame.group = unit / count;
    differentiateChunk(frame, insideStart(sizes) + sizes.colour + (unit - frame.group * count) * step);
  }
}
