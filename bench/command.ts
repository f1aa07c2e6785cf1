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

/** What a benchmark may be told besides its size. */
export interface BenchOptions {
  /** A Python that has the library to compare with. */
  readonly python?: string;
}

/** One benchmark: `npm run bench -- NAME`. */
export interface Command {
  readonly name: string;
  readonly about: string;
  readonly run: (size: Size, options?: BenchOptions) => Table;
}

/** The value for a size. */
export const bySize = <T>(size: Size, values: Readonly<Record<Size, T>>): T => values[size];

/** The values at a quarter, the middle and three quarters, between neighbours where there is none. */
export function quartiles(values: readonly number[]): readonly [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  };
  return [at(0.25), at(0.5), at(0.75)];
}

/** The value in the middle. */
export const median = (values: readonly number[]): number => quartiles(values)[1];

/** "target at most 20: reached" */
export const target = (
  what: string,
  value: number,
  limit: number,
  sense: "most" | "least",
): string =>
  `${what}: ${value.toPrecision(4)}, target at ${sense} ${limit}: ` +
  ((sense === "most" ? value <= limit : value >= limit) ? "reached" : "MISSED");
