import { bySize, median, quartiles, type Size } from "../command.ts";
import type { PairedParameters, VariantTimes } from "../measures/paired.ts";
import { inProcess } from "../process.ts";
import { timeColumns, type TimeColumns } from "./step-columns.ts";

/** One side of a comparison as numbers for a table. */
export interface PairedRow extends TimeColumns {
  readonly "fastest s": number;
  /** What bare arithmetic reached at the same time. */
  readonly "ceiling GFLOP/s": number;
  /** Share of it: median of the turns. */
  readonly "of ceiling %": number;
}

export function measureTurns(
  size: Size,
  parameters: Omit<PairedParameters, "slices">,
): readonly VariantTimes[] {
  const slices = bySize(size, { full: 100, quick: 50, smallest: 2 });
  const paired: PairedParameters = { ...parameters, slices };
  return inProcess<readonly VariantTimes[]>("paired", paired);
}

const mean = ([before, after]: readonly [number, number]): number => (before + after) / 2;

export function pairedRow(times: VariantTimes): PairedRow {
  const { flops, milliseconds, ceilings } = times;
  const shares = milliseconds.map((each, turn) => flops / each / 1e6 / mean(ceilings[turn]));
  return {
    ...timeColumns(times),
    "fastest s": Math.min(...milliseconds) / 1000,
    "ceiling GFLOP/s": median(ceilings.map(mean)),
    "of ceiling %": 100 * median(shares),
  };
}

/** Time per token of `a` over that of `b`, in each turn. */
export const ratiosOf = (a: VariantTimes, b: VariantTimes): readonly number[] =>
  a.milliseconds.map((time, turn) => time / a.tokens / (b.milliseconds[turn] / b.tokens));

/** "7 turns, quartiles 1.41 to 1.88" */
export function spreadOf(ratios: readonly number[]): string {
  const [low, , high] = quartiles(ratios);
  return `${ratios.length} turns, quartiles ${low.toFixed(2)} to ${high.toFixed(2)}`;
}
