import { median, quartiles } from "../command.ts";
import type { PairedParameters, VariantTimes } from "../measures/paired.ts";
import { inProcess } from "../process.ts";

/** One side of a comparison as numbers for a table. */
export interface PairedRow {
  readonly "step s": number;
  readonly "us/token": number;
  readonly "GFLOP/s": number;
  /** What bare arithmetic reached at the same time. */
  readonly "ceiling GFLOP/s": number;
  /** Share of it: median of the turns. */
  readonly "of ceiling %": number;
}

export const measureTurns = (parameters: PairedParameters): readonly VariantTimes[] =>
  inProcess<readonly VariantTimes[]>("paired", parameters);

export function pairedRow({ tokens, flops, milliseconds, ceilings }: VariantTimes): PairedRow {
  const time = median(milliseconds);
  const shares = milliseconds.map((each, turn) => flops / each / 1e6 / ceilings[turn]);
  return {
    "step s": time / 1000,
    "us/token": (1000 * time) / tokens,
    "GFLOP/s": flops / time / 1e6,
    "ceiling GFLOP/s": median(ceilings),
    "of ceiling %": 100 * median(shares),
  };
}

/** Time per token of `a` over that of `b` in each turn, as "median (quartiles)", and the median. */
export function ratioOf(
  a: VariantTimes,
  b: VariantTimes,
): { readonly middle: number; readonly spread: string } {
  const ratios = a.milliseconds.map(
    (time, turn) => time / a.tokens / (b.milliseconds[turn] / b.tokens),
  );
  const [low, middle, high] = quartiles(ratios);
  return {
    middle,
    spread: `${ratios.length} turns, quartiles ${low.toFixed(2)} to ${high.toFixed(2)}`,
  };
}
