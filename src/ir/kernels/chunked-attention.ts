/** Workspace of the attention kernels; `assembly/support/attentionFrame.ts` divides it in the same way. */

/** Sizes that decide the workspace: m is the chunk length, d and e the widths of keys and values. */
export interface AttentionKernelSizes {
  readonly groups: number;
  readonly length: number;
  readonly rounds: number;
  readonly d: number;
  readonly e: number;
  readonly m: number;
  readonly before: number;
  readonly after: number;
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

function blockCounts({ m, before, after }: AttentionKernelSizes, most: Counts): Counts {
  return {
    queries: roundUp(Math.min(m, most.queries), 8),
    keys: roundUp(Math.min((before + 1 + after) * m, most.keys), 8),
  };
}

/** Tokens, buckets, limits, dropout keys; chunks and buckets in every round. */
const indexWords = ({ queries, keys }: Counts, rounds: number): number =>
  queries * (2 + 2 * rounds) + keys * (6 + 2 * rounds);

/** Words of workspace of `chunkedAttention`: independent of the length, of the window and of the threads. */
export function chunkedAttentionWorkspaceWords(sizes: AttentionKernelSizes): number {
  const { queries, keys } = blockCounts(sizes, forwardBlocks);
  const e8 = roundUp(sizes.e, 8);
  const units = sizes.groups * sizes.rounds * (sizes.length / sizes.m) * Math.ceil(sizes.m / forwardBlocks.queries);
  const words =
    frameWords +
    indexWords({ queries, keys }, sizes.rounds) +
    keys * (sizes.d + e8 + 16) +
    queries * (sizes.d + e8 + 2);
  return Math.min(slots, units) * roundUp(words, 4);
}

/** Words of workspace of `chunkedAttentionBackward`. */
export function chunkedAttentionBackwardWorkspaceWords(sizes: AttentionKernelSizes): number {
  const { queries, keys } = blockCounts(sizes, backwardBlocks);
  const [d8, e8] = [roundUp(sizes.d, 8), roundUp(sizes.e, 8)];
  const words =
    frameWords +
    indexWords({ queries, keys }, sizes.rounds) +
    keys * (sizes.d + sizes.e + 2 * d8 + e8 + 24 + 2 * queries) +
    queries * (sizes.d + sizes.e + 2 * d8 + e8 + 3);
  return Math.min(slots, sizes.groups) * roundUp(words, 4);
}
