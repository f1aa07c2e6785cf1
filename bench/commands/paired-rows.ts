import { median, quartiles } from "../command.ts";
import type { PairedParameters, VariantTimes } from "../measures/paired.ts";
import { inProcess } from "../process.ts";

/** One side of a comparison as numbers for a table. */
export interface PairedRow {
  readonly "step s": number;
  readonly "fastest s": number;
  readonly "us/token": number;
  readonly "GFLOP/s": number;
  /** What bare arithmetic reached at the same time. */
  readonly "ceiling GFLOP/s": number;
  /** Share of it: median of the turns. */
  readonly "of ceiling %": number;
}

export const measureTurns = (parameters: PairedParameters): readonly VariantTimes[] =>
  inProcess<readonly VariantTimes[]>("paired", parameters);

const mean = ([before, after]: readonly [number, number]): number => (before + after) / 2;

export function pairedRow({ tokens, flops, milliseconds, ceilings }: VariantTimes): PairedRow {
  const time = median(milliseconds);
  const shares = milliseconds.map((each, turn) => flops / each / 1e6 / mean(ceilings[turn]));
  return {
    "step s": time / 1000,
    "fastest s": Math.min(...milliseconds) / 1000,
    "us/token": (1000 * time) / tokens,
    "GFLOP/s": flops / time / 1e6,
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
