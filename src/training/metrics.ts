/** One line of the log about a training step. Losses are bits per byte. */
export interface StepRecord {
  /** Number of updates so far, this one included. */
  readonly step: number;
  readonly bitsPerByte: number;
  readonly learningRate?: number;
  readonly gradientNorm?: number;
  readonly largestStream?: number;
  readonly lsh?: {
    readonly largestBucket: number;
    readonly beyondChunk: number;
    readonly onlySelf: number;
  };
  readonly tokensPerSecond: number;
  readonly peakMemoryBytes: number;
}

/** One line of the log about a measurement on the validation bytes. */
export interface ValidationRecord {
  readonly step: number;
  readonly validation: {
    readonly bitsPerByte: number;
    readonly bytes: number;
    /** What each byte was predicted from. */
    readonly context: string;
  };
}

export type MetricsRecord = StepRecord | ValidationRecord;

/** Nats to bits. */
export const bitsOf = (nats: number): number => nats / Math.LN2;

/** One line of JSON. Numbers that JSON does not have (NaN, infinities) become strings. */
export const metricsLine = (record: MetricsRecord): string =>
  `${JSON.stringify(record, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  )}\n`;

/**
 * The log up to and with `step`, for a run that is resumed there: later lines, which the run will write again, and a
 * line that a crash cut off, are left out.
 */
export const metricsUpTo = (text: string, step: number): string =>
  text
    .split(/(?<=\n)/)
    .filter((line) => line.endsWith("\n") && stepOfLine(line) <= step)
    .join("");

function stepOfLine(line: string): number {
  try {
    const record: unknown = JSON.parse(line);
    const known = typeof record === "object" && record !== null && "step" in record;
    return known && typeof record.step === "number" ? record.step : Infinity;
  } catch {
    return Infinity;
  }
}
