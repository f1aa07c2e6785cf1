import type { Numbers, Results } from "./experiment.ts";

/** The cell of a variant and a seed. */
export const seedCell = (variant: string, seed: number): string => `${variant}, seed ${seed}`;

/** The numbers of a variant, by seed, of those that were measured. */
export const seedNumbers = (results: Results, variant: string, seeds: number): readonly Numbers[] =>
  Array.from({ length: seeds }, (_, seed) => seedCell(variant, seed)).flatMap((name) =>
    Object.hasOwn(results, name) ? [results[name]] : [],
  );

/** A number of a cell, or nothing where it was not measured. */
export function cellValues(results: Results, cell: string, name: string): readonly number[] {
  const value = Object.hasOwn(results, cell) ? results[cell][name] : undefined;
  return typeof value === "number" ? [value] : [];
}

/** One number of a variant, by seed. */
export const seedValues = (
  results: Results,
  variant: string,
  seeds: number,
  name: string,
): readonly number[] =>
  Array.from({ length: seeds }, (_, seed) => seedCell(variant, seed)).flatMap((cell) =>
    cellValues(results, cell, name),
  );
