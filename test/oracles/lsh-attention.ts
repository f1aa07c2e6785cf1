/**
 * Chunked attention by brute force in float64: explicit loops over rounds, queries and window slots, one
 * group at a time. What the fused kernels must compute, from docs/design/kernels.md.
 */
import type { ChunkedAttentionOptions } from "../../src/reformer/attention/chunked-attention.ts";
import type { Matrix } from "./lsh-hash.ts";
import { threefry2x32 } from "./threefry.ts";

export interface GroupInfo {
  /** Token at each slot: [rounds][length]. */
  readonly order: Matrix;
  /** Bucket of each token: [rounds][length]. */
  readonly buckets: Matrix;
  /** 1 where a key may be attended to: [length]. */
  readonly valid: readonly number[];
  /** 1 where a query may attend to a key, [length][length]; read with the option `pairs`, then instead of `valid`. */
  readonly allowed?: Matrix;
  readonly dropoutKey: readonly [number, number];
}

/** One key that a query looks at in one round. */
export interface Pair {
  readonly key: number;
  readonly isSelfMasked: boolean;
  /** Added to the scaled dot product. */
  readonly offset: number;
  /** Factor on the weight after the softmax. */
  readonly multiplier: number;
}

/** Keys of each query that are not excluded: [rounds][length]. */
export type Pairs = readonly (readonly (readonly Pair[])[])[];

export interface RoundResults {
  /** [rounds][length][width] */
  readonly out: readonly Matrix[];
  /** [rounds][length] */
  readonly lse: Matrix;
}

/** A slot that a query sees through its window. */
interface Seen {
  readonly token: number;
  readonly round: number;
}

/** What the window of `query` in `round` holds, slot by slot. */
function windowOf(
  { order }: GroupInfo,
  options: ChunkedAttentionOptions,
  round: number,
  query: number,
): readonly Seen[] {
  const { chunkLength, before, after, circular } = options;
  const rounds = order.length;
  const chunks = order[0].length / chunkLength;
  const chunk = Math.floor(order[round].indexOf(query) / chunkLength);
  const seen: Seen[] = [];
  for (let step = -before; step <= after; step++) {
    let keyRound = round;
    let keyChunk = chunk + step;
    if (circular) {
      const ring = rounds * chunks;
      const position = (((round * chunks + keyChunk) % ring) + ring) % ring;
      keyRound = Math.floor(position / chunks);
      keyChunk = position % chunks;
    } else if (keyChunk < 0 || keyChunk >= chunks) continue;
    for (let slot = keyChunk * chunkLength; slot < (keyChunk + 1) * chunkLength; slot++) {
      seen.push({ token: order[keyRound][slot], round: keyRound });
    }
  }
  return seen;
}

/**
 * How often `query` sees `key` by window and bucket: every slot that holds the key in the window of the query in every round. On a
 * ring that may be in another round's; `sameRound` does not know these.
 */
function countMeetings(
  info: GroupInfo,
  options: ChunkedAttentionOptions,
  query: number,
  key: number,
): number {
  let count = 0;
  for (let round = 0; round < info.order.length; round++) {
    const inBucket = !options.sameBucket || info.buckets[round][query] === info.buckets[round][key];
    if (!inBucket) continue;
    const sameRound = options.sameBucket || options.duplicates === "sameRound";
    count += windowOf(info, options, round, query).filter(
      (seen) => seen.token === key && (seen.round === round || !sameRound),
    ).length;
  }
  return count === 0 ? 1e-9 : count;
}

function dropoutMultiplier(
  info: GroupInfo,
  options: ChunkedAttentionOptions,
  rounds: readonly [number, number],
  pair: readonly [number, number],
): number {
  if (options.keepProbability === null) return 1;
  const threshold = Math.floor(options.keepProbability * 2 ** 32);
  const [word] = threefry2x32(threefry2x32(info.dropoutKey, rounds), pair);
  return word < threshold ? 1 / Math.fround(threshold / 2 ** 32) : 0;
}

/** Who attends to whom; depends on the indices alone. */
export function pairsOf(info: GroupInfo, options: ChunkedAttentionOptions): Pairs {
  const { causal, sameBucket, masked, selfMask, duplicates } = options;
  return info.order.map((tokens, round) =>
    Array.from({ length: tokens.length }, (_, query) => {
      const pairs: Pair[] = [];
      for (const { token: key, round: keyRound } of windowOf(info, options, round, query)) {
        const isSelfMasked = selfMask !== null && key === query;
        const otherBucket =
          sameBucket &&
          (keyRound !== round || info.buckets[round][key] !== info.buckets[round][query]);
        const forbidden = (options.pairs ? info.allowed?.[query]?.[key] : info.valid[key]) === 0;
        const excluded = (causal && key > query) || otherBucket || (masked && forbidden);
        if (excluded && !isSelfMasked) continue;
        const counted = duplicates && !isSelfMasked;
        pairs.push({
          key,
          isSelfMasked,
          offset: counted ? -Math.log(countMeetings(info, options, query, key)) : 0,
          multiplier: dropoutMultiplier(info, options, [round, keyRound], [query, key]),
        });
      }
      return pairs;
    }),
  );
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i], 0);

const weightedSum = (weights: readonly number[], rows: Matrix, width: number): number[] =>
  Array.from({ length: width }, (_, c) =>
    weights.reduce((sum, weight, i) => sum + weight * rows[i][c], 0),
  );

/** Softmax over the pairs of every query and round. */
export function attend(
  q: Matrix,
  k: Matrix,
  v: Matrix,
  pairs: Pairs,
  options: ChunkedAttentionOptions,
): RoundResults {
  const width = v[0].length;
  const results = pairs.map((ofRound) =>
    ofRound.map((ofQuery, query) => {
      if (ofQuery.length === 0) return { out: new Array<number>(width).fill(0), lse: -1e30 };
      const logits = ofQuery.map(({ key, isSelfMasked, offset }) =>
        isSelfMasked ? (options.selfMask ?? 0) : options.scale * dot(q[query], k[key]) + offset,
      );
      const peak = Math.max(...logits);
      const exponentials = logits.map((logit) => Math.exp(logit - peak));
      const total = exponentials.reduce((sum, x) => sum + x, 0);
      const weights = exponentials.map((x, i) => (x / total) * ofQuery[i].multiplier);
      const values = ofQuery.map(({ key }) => v[key]);
      return { out: weightedSum(weights, values, width), lse: peak + Math.log(total) };
    }),
  );
  return {
    out: results.map((ofRound) => ofRound.map(({ out }) => out)),
    lse: results.map((ofRound) => ofRound.map(({ lse }) => lse)),
  };
}

/** The rounds weighted by softmax of their log partition functions: [length][width]. */
export function combineRounds({ out, lse }: RoundResults): number[][] {
  return out[0].map((first, token) => {
    const ofToken = lse.map((ofRound) => ofRound[token]);
    const peak = Math.max(...ofToken);
    const weights = ofToken.map((z) => Math.exp(z - peak));
    const total = weights.reduce((sum, x) => sum + x, 0);
    return weightedSum(
      weights.map((weight) => weight / total),
      out.map((ofRound) => ofRound[token]),
      first.length,
    );
  });
}

/**
 * The paper's attention said otherwise (equation 6): one softmax for each query over the union over
 * rounds of the keys in its bucket and window, every key once.
 */
export function attendUnion(
  q: Matrix,
  k: Matrix,
  v: Matrix,
  info: GroupInfo,
  options: ChunkedAttentionOptions,
): number[][] {
  const { chunkLength, before, after, causal, masked, scale } = options;
  const selfMask = options.selfMask ?? Number.NaN;
  const slots = info.order.map((tokens) => new Map(tokens.map((token, slot) => [token, slot])));
  const isNear = (round: number, i: number, j: number): boolean => {
    const chunkOf = (token: number): number =>
      Math.floor((slots[round].get(token) ?? 0) / chunkLength);
    const distance = chunkOf(j) - chunkOf(i);
    return (
      info.buckets[round][i] === info.buckets[round][j] && distance >= -before && distance <= after
    );
  };
  return q.map((query, i) => {
    const keys = k.flatMap((_, j) => {
      if (j === i) return [j];
      const allowed = !(causal && j > i) && !(masked && info.valid[j] === 0);
      return allowed && slots.some((_map, round) => isNear(round, i, j)) ? [j] : [];
    });
    const logits = keys.map((j) => (j === i ? selfMask : scale * dot(query, k[j])));
    const peak = Math.max(...logits);
    const exponentials = logits.map((logit) => Math.exp(logit - peak));
    const total = exponentials.reduce((sum, x) => sum + x, 0);
    return weightedSum(
      exponentials.map((x) => x / total),
      keys.map((j) => v[j]),
      v[0].length,
    );
  });
}

/** Number of pairs (i, j), j <= i if causal, that no round puts into one bucket and window. */
export function uncoveredPairs(pairs: Pairs, causal: boolean): number {
  const length = pairs[0].length;
  let missing = 0;
  for (let i = 0; i < length; i++) {
    const met = new Set(pairs.flatMap((ofRound) => ofRound[i].map(({ key }) => key)));
    for (let j = 0; j < (causal ? i : length); j++) if (j !== i && !met.has(j)) missing++;
  }
  return missing;
}

export interface VectorGradients {
  readonly q: number[][];
  readonly k: number[][];
  readonly v: number[][];
}

const zerosLike = (rows: Matrix): number[][] => rows.map((row) => row.map(() => 0));

/** Adds `factor` times a row to another. */
function addTo(sum: number[], factor: number, row: readonly number[]): void {
  for (let c = 0; c < sum.length; c++) sum[c] += factor * row[c];
}

/** Gradients of sum(dOut . out) + sum(dLse . lse), pair by pair. */
export function attendGradients(
  [q, k, v]: readonly [Matrix, Matrix, Matrix],
  pairs: Pairs,
  options: ChunkedAttentionOptions,
  { out, lse }: RoundResults,
  { out: dOut, lse: dLse }: RoundResults,
): VectorGradients {
  const [dq, dk, dv] = [zerosLike(q), zerosLike(k), zerosLike(v)];
  pairs.forEach((ofRound, round) =>
    ofRound.forEach((ofQuery, i) => {
      for (const { key: j, isSelfMasked, offset, multiplier } of ofQuery) {
        const logit = isSelfMasked
          ? (options.selfMask ?? 0)
          : options.scale * dot(q[i], k[j]) + offset;
        const weight = Math.exp(logit - lse[round][i]);
        addTo(dv[j], multiplier * weight, dOut[round][i]);
        const dWeight = multiplier * dot(dOut[round][i], v[j]);
        const mean = dot(dOut[round][i], out[round][i]);
        const dLogit = isSelfMasked ? 0 : weight * (dWeight - mean + dLse[round][i]);
        addTo(dq[i], options.scale * dLogit, k[j]);
        addTo(dk[j], options.scale * dLogit, q[i]);
      }
    }),
  );
  return { q: dq, k: dk, v: dv };
}

/** Cotangents of the rounds' results from those of the combined ones. */
export function combineRoundsGradients(
  { out, lse }: RoundResults,
  cotangent: Matrix,
): RoundResults {
  const combined = combineRounds({ out, lse });
  const weightOf = (round: number, token: number): number =>
    1 / lse.reduce((sum, ofRound) => sum + Math.exp(ofRound[token] - lse[round][token]), 0);
  return {
    out: out.map((ofRound, r) =>
      ofRound.map((_, i) => cotangent[i].map((x) => weightOf(r, i) * x)),
    ),
    lse: out.map((ofRound, r) =>
      ofRound.map(
        (row, i) => weightOf(r, i) * (dot(cotangent[i], row) - dot(cotangent[i], combined[i])),
      ),
    ),
  };
}
