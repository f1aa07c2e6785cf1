/**
 * Attention of one head with every option, as a table of the weights of all pairs in float64: how often a pair meets, times the
 * exponential of its logit, by what it is divided by, where nothing forbids it.
 */
import type { HeadOptions } from "../../src/reformer/attention/head-options.ts";
import { sortTokens, type Matrix } from "./lsh-hash.ts";

export interface OptionsCase {
  readonly options: HeadOptions;
  /** The first so many tokens ask. */
  readonly queries: number;
  /** 1 for real tokens; null when all are. */
  readonly valid: readonly number[] | null;
  /** Who may see whom, of the tokens that it has rows and columns for. */
  readonly pairs: Matrix | null;
  /** Angle by which each pair of features of a token turns: [tokens][width / 2]; tokens beyond do not turn. */
  readonly angles: Matrix;
  /** [rounds][length]; null where nothing is hashed. */
  readonly buckets: Matrix | null;
  readonly numBuckets: number;
}

/** The head's output for one group, [queries][valueWidth]. */
export function attendByTable(
  { q, k, v }: { readonly q: Matrix; readonly k: Matrix; readonly v: Matrix },
  given: OptionsCase,
): number[][] {
  const { options, queries, valid } = given;
  const { conventions, maskedQueries = "others" } = options;
  const own = hasKeys(options);
  const width = q[0].length;
  const scale = own || conventions.logitScale === "inverseSqrt" ? width ** -0.5 : 1;
  const turned = q.map((row, i) => turn(row, given.angles[i]));
  const keys = own
    ? k.map((row, i) => turn(row, given.angles[i]))
    : turned.map((row) => unit(row, conventions.keyEpsilon));
  const tokens = options.kind === "local" ? queries : q.length;
  const meets = meetingsOf(given, tokens);
  return Array.from({ length: queries }, (_, i) => {
    if (valid?.[i] === 0 && maskedQueries === "self") return [...v[i]];
    const seen = v.slice(0, tokens);
    if (valid?.[i] === 0 && maskedQueries === "mean")
      return average(
        seen,
        seen.map(() => 1),
      );
    const logits = seen.map((_row, j) => {
      if (i === j && !own) return conventions.selfMask;
      return isAllowed(given, i, j) ? scale * dot(turned[i], keys[j]) : -Infinity;
    });
    const peak = Math.max(...logits.filter((_logit, j) => meets[i][j].times > 0));
    const weights = logits.map((logit, j) => {
      const { times, counted } = meets[i][j];
      if (times === 0 || logit === -Infinity) return 0;
      const fixed = i === j && !own;
      return (Math.exp(logit - peak) * times) / (fixed ? 1 : counted);
    });
    const isBlind = maskedQueries === "window" && own && weights.every((weight) => weight === 0);
    const isHidden = valid !== null || given.pairs !== null;
    const all = meets[i].map(({ times }) => times);
    return average(seen, isBlind && isHidden ? all : weights);
  });
}

const hasKeys = ({ kind, queryKey }: HeadOptions): boolean =>
  kind === "local" ? queryKey !== "shared" : kind === "full" && queryKey === "separate";

function isAllowed({ options, queries, valid, pairs }: OptionsCase, i: number, j: number): boolean {
  const inFuture = options.causal && j > i && j < queries;
  return !inFuture && valid?.[j] !== 0 && pairs?.[i]?.[j] !== 0;
}

interface Meetings {
  /** Slots of the key in the windows of the query, in all rounds. */
  readonly times: number;
  /** What the weight is divided by. */
  readonly counted: number;
}

/** How often every pair meets. */
function meetingsOf({ options, buckets, numBuckets }: OptionsCase, tokens: number): Meetings[][] {
  const { kind, chunkLength, wholeUpTo = chunkLength, conventions } = options;
  const isWhole = kind === "full" || tokens <= wholeUpTo;
  const chunk = isWhole ? tokens : chunkLength;
  const [before, after] = isWhole ? [0, 0] : [options.before, options.after];
  const padded = Math.ceil(tokens / chunk) * chunk;
  const hashed = kind === "lsh" && !isWhole;
  const positions = Array.from({ length: padded }, (_, i) => i);
  const rows = hashed
    ? (buckets ?? []).map((row) => positions.map((i) => (i < tokens ? row[i] : numBuckets)))
    : [positions];
  const orders = hashed ? rows.map(sortTokens) : [positions];
  const perRound = padded / chunk;
  const ring = orders.length * perRound;
  const sameBucket = hashed && conventions.sameBucket;
  const table = positions.map(() => positions.map(() => ({ times: 0, sameRound: 0 })));
  orders.forEach((order, r) =>
    order.forEach((i, slot) => {
      for (let step = -before; step <= after; step++) {
        const inRound = Math.floor(slot / chunk) + step;
        const exists = inRound >= 0 && inRound < perRound;
        if (!exists && !(conventions.circular && !isWhole)) continue;
        const place = (((r * perRound + inRound) % ring) + ring) % ring;
        const round = Math.floor(place / perRound);
        const start = (place % perRound) * chunk;
        for (const j of orders[round].slice(start, start + chunk)) {
          // A token may see itself wherever it meets a copy of itself.
          if (sameBucket && i !== j && (round !== r || rows[r][i] !== rows[r][j])) continue;
          table[i][j].times++;
          if (round === r) table[i][j].sameRound++;
        }
      }
    }),
  );
  const counted = ({ times, sameRound }: { times: number; sameRound: number }): number => {
    if (!hashed || conventions.duplicates === false) return 1;
    if (conventions.duplicates === true) return times;
    return sameRound === 0 ? 1e-9 : sameRound;
  };
  return table.map((row) =>
    row.slice(0, tokens).map((cell) => ({ times: cell.times, counted: counted(cell) })),
  );
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i], 0);

function average(rows: Matrix, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, x) => sum + x, 0);
  return rows[0].map((_, c) =>
    total === 0 ? 0 : rows.reduce((sum, row, j) => sum + (weights[j] / total) * row[c], 0),
  );
}

function unit(row: readonly number[], epsilon: number): number[] {
  const norm = Math.sqrt(dot(row, row) + row.length * epsilon);
  return row.map((x) => x / norm);
}

/** Neighbouring features turned by an angle of the plane each. */
function turn(row: readonly number[], angles: readonly number[] | undefined): number[] {
  if (angles === undefined) return [...row];
  return row.map((x, c) => {
    const angle = angles[Math.floor(c / 2)];
    const other = c % 2 === 0 ? -row[c + 1] : row[c - 1];
    return x * Math.cos(angle) + other * Math.sin(angle);
  });
}
