import { sampleOf, type Sample } from "./statistics.ts";

/** Differences of measurements that belong together, seed by seed: what all of a seed have in common falls out. */
export interface PairedDifference extends Sample {
  /** Bounds of the mean difference, each of which is exceeded by chance in one case of twenty; infinite for one pair. */
  readonly lower: number;
  readonly upper: number;
}

/** Student's t, 95 % to one side, by degrees of freedom from 1: beyond the table its last entry is on the safe side. */
const quantiles = [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812] as const;

/** What `a` is above `b`. Undefined where nothing was measured, or some on one side only. */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
): PairedDifference | undefined {
  if (a.length !== b.length) return undefined;
  const sample = sampleOf(a.map((value, i) => value - b[i]));
  if (!sample) return undefined;
  const { mean, deviation, count } = sample;
  const margin =
    count === 1
      ? Infinity
      : (quantiles[Math.min(count - 1, quantiles.length) - 1] * deviation) / Math.sqrt(count);
  return { ...sample, lower: mean - margin, upper: mean + margin };
}

/** `+0.012 ± 0.003 (at most 0.017)`, or what there is to say with one seed. */
export const formatDifference = (found: PairedDifference | undefined, digits: number): string =>
  found === undefined
    ? "-"
    : found.count === 1
      ? `${signed(found.mean, digits)}, one seed`
      : `${signed(found.mean, digits)} ± ${found.deviation.toFixed(digits)}`;

const signed = (value: number, digits: number): string =>
  `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;
