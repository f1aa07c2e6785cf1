import type { Chart } from "./plots.ts";

/** How much work a measurement is: `smallest` only shows that it runs. */
export type Size = "full" | "quick" | "smallest";

export type Cell = string | number;

/** Rows with the same keys, in the order in which they are shown. */
export interface Table {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** What was aimed at, and whether it was reached. */
  readonly notes?: readonly string[];
  readonly charts?: readonly Chart[];
}

/** One benchmark: `npm run bench -- NAME`. */
export interface Command {
  readonly name: string;
  readonly about: string;
  readonly run: (size: Size) => Table;
}

/** The value for a size. */
export const bySize = <T>(size: Size, values: Readonly<Record<Size, T>>): T => values[size];

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** "target at most 20: reached" */
export const target = (
  what: string,
  value: number,
  limit: number,
  sense: "most" | "least",
): string =>
  `${what}: ${value.toPrecision(4)}, target at ${sense} ${limit}: ` +
  ((sense === "most" ? value <= limit : value >= limit) ? "reached" : "MISSED");
