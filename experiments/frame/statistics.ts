/** Mean, spread and number of some measurements. */
export interface Sample {
  readonly mean: number;
  /** Sample standard deviation (divided by n - 1); 0 for one measurement. */
  readonly deviation: number;
  readonly count: number;
}

/** Undefined where nothing was measured. */
export function sampleOf(values: readonly number[]): Sample | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, count };
}

/** `98.5 ± 0.3`, or the mean alone where there is no spread to tell. */
export const formatSample = (sample: Sample | undefined, digits: number): string =>
  sample === undefined
    ? "-"
    : sample.count === 1
      ? sample.mean.toFixed(digits)
      : `${sample.mean.toFixed(digits)} ± ${sample.deviation.toFixed(digits)}`;

/** The exponent p of y = c x^p through two points. */
export const exponentBetween = (
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
): number => Math.log(y1 / y0) / Math.log(x1 / x0);

/** For tables: `-` where nothing was measured. */
export const mebibytes = (bytes: number | undefined): string =>
  bytes === undefined ? "-" : (bytes / 2 ** 20).toFixed(1);
