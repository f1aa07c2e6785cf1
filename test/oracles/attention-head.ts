/** One head of attention by brute force in float64: padding, keys, masks and rounds, for one group. */
import type { ChunkedAttentionOptions } from "../../src/reformer/attention/chunked-attention.ts";
import type { HeadOptions } from "../../src/reformer/attention/head-options.ts";
import {
  attend,
  attendGradients,
  attendUnion,
  combineRounds,
  combineRoundsGradients,
  pairsOf,
  type GroupInfo,
  type VectorGradients,
} from "./lsh-attention.ts";
import { sortTokens, type Matrix } from "./lsh-hash.ts";

/** What decides who attends to whom. */
export interface HeadInfo {
  readonly valid: readonly number[] | null;
  /** Buckets of the real tokens, [rounds][length]; lsh only. */
  readonly buckets: Matrix | null;
  readonly numBuckets: number;
  readonly dropoutKey: readonly [number, number];
}

export interface PreparedHead {
  /** Tokens after padding. */
  readonly padded: number;
  readonly info: GroupInfo;
  readonly options: ChunkedAttentionOptions;
}

/** The chunked attention that a head amounts to for `length` tokens of the given width. */
export function prepareHead(
  options: HeadOptions,
  { valid, buckets, numBuckets, dropoutKey }: HeadInfo,
  length: number,
  width: number,
): PreparedHead {
  const { kind, conventions, causal, keepProbability } = options;
  const isWhole = kind === "full" || length <= options.chunkLength;
  const chunkLength = isWhole ? Math.max(length, 1) : options.chunkLength;
  const padded = Math.ceil(length / chunkLength) * chunkLength;
  const isReal = Array.from({ length: padded }, (_, i) => (i < length ? (valid?.[i] ?? 1) : 0));
  const usesBuckets = kind === "lsh" && !isWhole;
  const positions = [Array.from({ length: padded }, (_, i) => i)];
  const ofTokens = usesBuckets
    ? (buckets ?? []).map((row) => isReal.map((real, i) => (real ? row[i] : numBuckets)))
    : positions;
  const scale =
    kind === "local" || conventions.logitScale === "inverseSqrt" ? 1 / Math.sqrt(width) : 1;
  return {
    padded,
    info: {
      order: usesBuckets ? ofTokens.map(sortTokens) : positions,
      buckets: ofTokens,
      valid: isReal,
      dropoutKey,
    },
    options: {
      chunkLength,
      before: isWhole ? 0 : options.before,
      after: isWhole ? 0 : options.after,
      causal,
      sameBucket: usesBuckets && conventions.sameBucket,
      duplicates: usesBuckets && conventions.duplicates,
      circular: !isWhole && conventions.circular,
      selfMask: kind === "local" ? null : conventions.selfMask,
      masked: true,
      scale,
      keepProbability,
    },
  };
}

/** The head's output [length][valueWidth]; `keys` are read by local attention only. */
export function runHead(
  head: PreparedHead,
  options: HeadOptions,
  queries: Matrix,
  keys: Matrix,
  values: Matrix,
): number[][] {
  const ofHead = operands(head, options, queries, keys, values);
  const pairs = pairsOf(head.info, head.options);
  return combineRounds(attend(...ofHead, pairs, head.options)).slice(0, queries.length);
}

/** Gradients of sum(cotangent . output); `k` is zero where keys are the queries. */
export function headGradients(
  head: PreparedHead,
  options: HeadOptions,
  [queries, keys, values]: readonly [Matrix, Matrix, Matrix],
  cotangent: Matrix,
): VectorGradients {
  const ofHead = operands(head, options, queries, keys, values);
  const pairs = pairsOf(head.info, head.options);
  const results = attend(...ofHead, pairs, head.options);
  const padding = Array.from({ length: head.padded - queries.length }, () =>
    values[0].map(() => 0),
  );
  const dResults = combineRoundsGradients(results, [...cotangent, ...padding]);
  const { q, k, v } = attendGradients(ofHead, pairs, head.options, results, dResults);
  const real = <T>(rows: readonly T[]): T[] => rows.slice(0, queries.length);
  if (options.kind === "local") return { q: real(q), k: real(k), v: real(v) };
  const fromKeys = queries.map((row, i) =>
    unitKeyGradient(row, k[i], options.conventions.keyEpsilon),
  );
  return {
    q: real(q).map((row, i) => row.map((x, c) => x + fromKeys[i][c])),
    k: keys.map((row) => row.map(() => 0)),
    v: real(v),
  };
}

/** {@link runHead} by the paper's union over buckets. */
export function runHeadByUnion(
  head: PreparedHead,
  options: HeadOptions,
  queries: Matrix,
  values: Matrix,
): number[][] {
  const [q, k, v] = operands(head, options, queries, queries, values);
  return attendUnion(q, k, v, head.info, head.options).slice(0, queries.length);
}

function operands(
  { padded }: PreparedHead,
  { kind, conventions }: HeadOptions,
  queries: Matrix,
  keys: Matrix,
  values: Matrix,
): readonly [Matrix, Matrix, Matrix] {
  const pad = (rows: Matrix): Matrix => [
    ...rows,
    ...Array.from({ length: padded - rows.length }, () => rows[0].map(() => 0)),
  ];
  const shared = queries.map((row) => unitKey(row, conventions.keyEpsilon));
  return [pad(queries), pad(kind === "local" ? keys : shared), pad(values)];
}

/** A query at length 1: divided by the root of its mean square plus epsilon, and by sqrt(width). */
function unitKey(query: readonly number[], epsilon: number): number[] {
  const meanSquare = query.reduce((sum, x) => sum + x * x, 0) / query.length;
  const norm = Math.sqrt(meanSquare + epsilon) * Math.sqrt(query.length);
  return query.map((x) => x / norm);
}

/** k = q / n with n^2 = sum(q^2) + width epsilon: dq = dk / n - q (q . dk) / n^3. */
function unitKeyGradient(
  query: readonly number[],
  dKey: readonly number[],
  epsilon: number,
): number[] {
  const norm = Math.sqrt(query.reduce((sum, x) => sum + x * x, 0) + query.length * epsilon);
  const projected = query.reduce((sum, x, c) => sum + x * dKey[c], 0);
  return query.map((x, c) => dKey[c] / norm - (x * projected) / norm ** 3);
}
