import type { Words } from "../../core/dtype.ts";
import { log } from "../../core/float-math.ts";
import type { ReferenceArray } from "../../ir/primitive.ts";
import { threefryBlock } from "../random/threefry-block.ts";
import { keepScale } from "./params.ts";
import {
  type ChunkedAttentionParams,
  type AttentionSizes,
  keepThreshold,
} from "../../ir/attention.ts";

/** The index operands' words, for the reference implementations. */
export interface AttentionIndices {
  readonly order: Words;
  readonly inverse: Words;
  readonly buckets: Words;
  readonly valid: Words;
  readonly dropoutKey: Words;
}

export const indicesOf = ([, , , ...rest]: readonly ReferenceArray[]): AttentionIndices => {
  const [order, inverse, buckets, valid, dropoutKey] = rest.map((array) => array.words);
  return { order, inverse, buckets, valid, dropoutKey };
};

/** A key in the window of a query. */
export interface VisibleKey {
  /** Token index. */
  readonly token: number;
  /** The logit does not depend on the vectors: a token's own position under a self mask. */
  readonly fixed: boolean;
  /** Subtracted from the logit: log of the number of rounds in which the pair meets. */
  readonly penalty: number;
  /** What dropout multiplies the weight by. */
  readonly multiplier: number;
}

/** The keys that token `i` of group `n` may attend to in round `r`, in the order of their slots. */
export function visibleKeys(
  n: number,
  r: number,
  i: number,
  indices: AttentionIndices,
  params: ChunkedAttentionParams,
  sizes: AttentionSizes,
): readonly VisibleKey[] {
  const { length, rounds } = sizes;
  const { chunkLength, before, after, circular, selfMask } = params;
  const chunks = length / chunkLength;
  const at = (round: number, position: number): number => (n * rounds + round) * length + position;
  const chunk = Math.floor(indices.inverse[at(r, i)] / chunkLength);
  const keys: VisibleKey[] = [];
  for (let offset = -before; offset <= after; offset++) {
    const ring = r * chunks + chunk + offset;
    const total = rounds * chunks;
    if (!circular && (chunk + offset < 0 || chunk + offset >= chunks)) continue;
    const wrapped = ((ring % total) + total) % total;
    const round = Math.floor(wrapped / chunks);
    for (let s = 0; s < chunkLength; s++) {
      const j = indices.order[at(round, (wrapped % chunks) * chunkLength + s)];
      const fixed = j === i && selfMask !== null;
      if (!fixed && isExcluded(n, r, i, round, j, indices, params, sizes)) continue;
      const meetings =
        params.duplicates && !fixed ? countMeetings(n, i, j, indices, params, sizes) : 1;
      keys.push({
        token: j,
        fixed,
        penalty: log(meetings),
        multiplier: dropoutMultiplier(n, r, round, i, j, indices, params),
      });
    }
  }
  return keys;
}

function isExcluded(
  n: number,
  r: number,
  i: number,
  round: number,
  j: number,
  { buckets, valid }: AttentionIndices,
  { causal, sameBucket, masked, pairs }: ChunkedAttentionParams,
  { length, rounds }: AttentionSizes,
): boolean {
  const bucket = (which: number, token: number): number =>
    buckets[(n * rounds + which) * length + token];
  if (causal && j > i) return true;
  if (sameBucket && (round !== r || bucket(r, i) !== bucket(r, j))) return true;
  return masked && valid[pairs ? (n * length + i) * length + j : n * length + j] === 0;
}

/** What `sameRound` takes for the number of meetings of a pair that it does not see meet. */
export const unseenMeetings = 1e-9;

/** How often j is in i's window (and bucket, where that matters), by all slots of both. */
function countMeetings(
  n: number,
  i: number,
  j: number,
  { inverse, buckets }: AttentionIndices,
  { chunkLength, before, after, sameBucket, circular, duplicates }: ChunkedAttentionParams,
  { length, rounds }: AttentionSizes,
): number {
  const chunks = length / chunkLength;
  const ring = circular ? rounds * chunks : Infinity;
  const chunkOf = (round: number, token: number): number =>
    Math.floor(inverse[(n * rounds + round) * length + token] / chunkLength);
  const bucketOf = (round: number, token: number): number =>
    buckets[(n * rounds + round) * length + token];
  const oneRound = !circular || sameBucket || duplicates === "sameRound";
  let count = 0;
  for (let r = 0; r < rounds; r++) {
    if (sameBucket && bucketOf(r, i) !== bucketOf(r, j)) continue;
    for (let s = oneRound ? r : 0; s < (oneRound ? r + 1 : rounds); s++) {
      const distance = (s - r) * chunks + chunkOf(s, j) - chunkOf(r, i);
      for (let offset = -before; offset <= after; offset++)
        if ((offset - distance) % ring === 0) count++;
    }
  }
  return duplicates === "sameRound" && count === 0 ? unseenMeetings : count;
}

function dropoutMultiplier(
  n: number,
  r: number,
  round: number,
  i: number,
  j: number,
  { dropoutKey }: AttentionIndices,
  { keepProbability }: ChunkedAttentionParams,
): number {
  if (keepProbability === null) return 1;
  const pairKey = threefryBlock(dropoutKey[2 * n], dropoutKey[2 * n + 1], r, round);
  const [word] = threefryBlock(pairKey[0], pairKey[1], i, j);
  return word < keepThreshold(keepProbability) ? keepScale(keepProbability) : 0;
}
