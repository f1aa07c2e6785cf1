import type { TokenUnit } from "./data/tokens.ts";

/** A loss: one of the two, by what tokens are. */
export interface Bits {
  readonly bitsPerByte?: number;
  readonly bitsPerToken?: number;
}

/** One line of the log about a training step. */
export interface StepRecord extends Bits {
  /** Number of updates so far, this one included. */
  readonly step: number;
  readonly learningRate?: number;
  readonly gradientNorm?: number;
  readonly largestStream?: number;
  readonly lsh?: {
    readonly largestBucket: number;
    readonly beyondChunk: number;
    readonly onlySelf: number;
  };
  /** Whether the reverse sweep rebuilt the streams bit for bit; absent where that was not looked at. */
  readonly rebuilt?: boolean;
  readonly tokensPerSecond: number;
  /** Absent where nobody knows. */
  readonly peakMemoryBytes?: number;
}

/** One line of the log about a measurement on the validation tokens. */
export interface ValidationRecord {
  readonly step: number;
  readonly validation: Bits & {
    /** Tokens predicted, each once. */
    readonly tokens: number;
    /** What each was predicted from. */
    readonly context: string;
  };
}

export type MetricsRecord = StepRecord | ValidationRecord;

/** Nats per token as bits. */
export function bitsOf(nats: number, unit: TokenUnit): Bits {
  const bits = nats / Math.LN2;
  return unit === "byte" ? { bitsPerByte: bits } : { bitsPerToken: bits };
}

/**
 * As in `2.9512 bits/byte`.
 * @example
 * import { formatBits } from "reformax/training";
 * console.log(formatBits({ bitsPerByte: 2.95123 }, 2)); // => 2.95 bits/byte
 */
export const formatBits = (
  { bitsPerByte, bitsPerToken }: Bits,
  digits: number,
  per = "/",
): string =>
  bitsPerByte === undefined
    ? `${bitsPerToken?.toFixed(digits) ?? "?"} bits${per}token`
    : `${bitsPerByte.toFixed(digits)} bits${per}byte`;

/**
 * One line of JSON. Numbers that JSON does not have (NaN, infinities) become strings.
 * @example
 * import { metricsLine } from "reformax/training";
 * console.log(metricsLine({ step: 3, bitsPerByte: 2.5, tokensPerSecond: 900 }).trim());
 * // => {"step":3,"bitsPerByte":2.5,"tokensPerSecond":900}
 */
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
