/** Workspace of the attention kernels; `assembly/support/attentionFrame.ts` divides it in the same way. */

/** What decides the workspace; the params of the primitive have it. */
export interface AttentionWindow {
  readonly chunkLength: number;
  readonly before: number;
  readonly after: number;
}

/** N groups, L tokens, R rounds, widths of keys and values. */
export interface AttentionKernelSizes {
  readonly groups: number;
  readonly length: number;
  readonly rounds: number;
  readonly width: number;
  readonly valueWidth: number;
}

const frameWords = 64;
/** At most this many parts share the work. */
const slots = 32;
/** Queries and keys that are worked on together. */
const forwardBlocks = { queries: 128, keys: 256 };
const backwardBlocks = { queries: 64, keys: 128 };

const roundUp = (size: number, multiple: number): number => Math.ceil(size / multiple) * multiple;

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
  queries * (2 + 2 * rounds) + keys * (6 + 2 * rounds);

/** Words of workspace of `chunkedAttention`, whatever the window and the number of threads. */
export function attentionWorkspaceWords(
  window: AttentionWindow,
  sizes: AttentionKernelSizes,
): number {
  const { groups, length, rounds, width, valueWidth } = sizes;
  const { queries, keys } = blockCounts(window, forwardBlocks);
  const e8 = roundUp(valueWidth, 8);
  const chunks = groups * rounds * (length / window.chunkLength);
  const units = chunks * Math.ceil(window.chunkLength / forwardBlocks.queries);
  const rows = keys * (width + e8 + 16) + queries * (width + e8 + 2);
  return Math.min(slots, units) * (frameWords + indexWords({ queries, keys }, rounds) + rows);
}

/** Words of workspace of `chunkedAttentionBackward`. */
export function attentionBackwardWorkspaceWords(
  window: AttentionWindow,
  sizes: AttentionKernelSizes,
): number {
  const { groups, rounds, width, valueWidth } = sizes;
  const { queries, keys } = blockCounts(window, backwardBlocks);
  const [d8, e8] = [roundUp(width, 8), roundUp(valueWidth, 8)];
  const rows =
    keys * (width + valueWidth + 2 * d8 + e8 + 24 + 2 * queries) +
    queries * (width + valueWidth + 2 * d8 + e8 + 3);
  return Math.min(slots, groups) * (frameWords + indexWords({ queries, keys }, rounds) + rows);
}
