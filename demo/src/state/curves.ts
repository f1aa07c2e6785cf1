import type { RunStep } from "reformax/training/worker";

/** Steps over which the smooth curve averages, about. */
const memory = 10;

type Curve = (number | null)[];

/** Columns of a chart: steps, bits per byte of each, their moving average, and those on the validation text. */
export function curvesOf(steps: readonly RunStep[]): [number[], Curve, Curve, Curve] {
  let mean: number | undefined;
  const smooth = steps.map(({ metrics: { bitsPerByte = NaN } }, i) => {
    const weight = 1 / Math.min(i + 1, memory);
    mean = mean === undefined ? bitsPerByte : mean + weight * (bitsPerByte - mean);
    return mean;
  });
  return [
    steps.map(({ step }) => step),
    steps.map(({ metrics }) => metrics.bitsPerByte ?? null),
    smooth,
    steps.map(({ validation }) => validation?.validation.bitsPerByte ?? null),
  ];
}
