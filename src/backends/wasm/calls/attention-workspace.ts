/** Workspace of the attention kernels; `assembly/support/attention*.ts` divide it in the same way. */
import { attentionBlocks, attentionSpace } from "../constants/attention.ts";
import { windowChunks, type AttentionSizes, type AttentionWindow } from "../../../ir/attention.ts";

const { frameWords, slots } = attentionSpace;
const { forwardQueries, forwardKeys, backwardQueries, backwardKeys } = attentionBlocks;
const forwardBlocks = { queries: forwardQueries, keys: forwardKeys };
const backwardBlocks = { queries: backwardQueries, keys: backwardKeys };

export const roundUp = (size: number, multiple: number): number =>
  Math.ceil(size / multiple) * multiple;

interface Counts {
  readonly queries: number;
  readonly keys: number;
}

const blockCounts = ({ chunkLength, before, after }: AttentionWindow, most: Counts): Counts => ({
  queries: roundUp(Math.min(chunkLength, most.queries), 8),
  keys: roundUp(Math.min((before + 1 + after) * chunkLength, most.keys), 8),
});

/** Tokens, buckets, limits, dropout keys; chunks and buckets in every round. */
const indexWords = ({ queries, keys }: Counts, rounds: number): number =>
  queries * (2 + 2 * rounds) + keys * (8 + 2 * rounds);

/** Words of workspace of `chunkedAttention` and `jointAttention` when at most `parts` parts share the work. */
export function attentionWorkspaceWords(
  window: AttentionWindow,
  sizes: AttentionSizes,
  parts: number = slots,
): number {
  const { groups, length, rounds } = sizes;
  const chunks = groups * rounds * (length / window.chunkLength);
  const units = chunks * Math.ceil(window.chunkLength / forwardBlocks.queries);
  const words = forwardWords(blockCounts(window, forwardBlocks), rounds, sizes);
  return Math.min(slots, parts, units) * words;
}

/** Words of one share of a forward kernel. */
export function forwardWords(
  counts: Counts,
  rounds: number,
  { width, valueWidth }: Pick<AttentionSizes, "width" | "valueWidth">,
): number {
  const { queries, keys } = counts;
  const e8 = roundUp(valueWidth, 8);
  const rows = keys * (width + e8 + 16) + queries * (width + e8 + 2);
  return frameWords + indexWords(counts, rounds) + rows;
}

/** Words of workspace of the backward kernels when at most `parts` parts share the work. */
export function attentionBackwardWorkspaceWords(
  window: AttentionWindow,
  sizes: AttentionSizes,
  parts: number = slots,
): number {
  const { groups, length, rounds, width, valueWidth } = sizes;
  const { queries, keys } = blockCounts(window, backwardBlocks);
  const [d8, e8] = [roundUp(width, 8), roundUp(valueWidth, 8)];
  const rows =
    keys * (width + valueWidth + 2 * d8 + e8 + 25 + 2 * queries) +
    queries * (width + valueWidth + 2 * d8 + e8 + 3);
  const units = groups * Math.ceil(length / window.chunkLength / windowChunks(window));
  return (
    Math.min(slots, parts, units) * (frameWords + indexWords({ queries, keys }, rounds) + rows)
  );
}

/** One call of a backward kernel; see `assembly/support/attentionColours.ts`. */
export interface BackwardCall {
  readonly round: number;
  /** Chunks number colour, colour + window, ... of those whose window lies in the round; -1 for the others. */
  readonly colour: number;
}

/** The calls, in order, that make up a backward pass. */
export function backwardCalls(
  window: AttentionWindow,
  { length, rounds }: AttentionSizes,
): readonly BackwardCall[] {
  const { chunkLength, before, after, circular } = window;
  const chunks = length / chunkLength;
  const inside = circular ? Math.max(0, chunks - before - after) : chunks;
  const colours = Array.from({ length: Math.min(windowChunks(window), inside) }, (_, i) => i);
  const ofRound = inside < chunks ? [...colours, -1] : colours;
  return Array.from({ length: rounds }, (_, round) =>
    ofRound.map((colour) => ({ round, colour })),
  ).flat();
}
