import { checkKinds, checkPartsOf } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import { digitsKind, type Metric } from "../task/metric.ts";
import { unitOf, type TokenFormat, type TokenUnit } from "../data/tokens.ts";

/** A loss: one of the two, by what tokens are; both where tokens are ids of a text whose bytes were counted. */
export interface Bits {
  readonly bitsPerByte?: number;
  readonly bitsPerToken?: number;
}

/** What a training step reports. */
export interface StepValues extends Bits {
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
}

/** One line of the log about a training step. */
export interface StepRecord extends StepValues {
  /** Number of updates so far, this one included. */
  readonly step: number;
  /** Absent where nobody knows. */
  readonly peakMemoryBytes?: number;
}

/** What a measurement on the validation tokens gives. */
export interface ValidationValues extends Bits {
  /** Tokens predicted, each once. */
  readonly tokens: number;
  /** What each was predicted from. */
  readonly context: string;
}

/** One line of the log about a measurement on the validation tokens. */
export interface ValidationRecord {
  readonly step: number;
  readonly validation: ValidationValues;
}

export type MetricsRecord = StepRecord | ValidationRecord;

const lossMetric = (unit: TokenUnit, digits: number): Metric =>
  unit === "byte"
    ? { name: "bitsPerByte", unit: "bits/byte", digits, role: "loss" }
    : { name: "bitsPerToken", unit: "bits/token", digits, role: "loss" };

/** The numbers of {@link StepValues}. */
export const stepMetrics = (tokens: TokenFormat): readonly Metric[] => [
  lossMetric(unitOf(tokens), 3),
  { name: "tokensPerSecond", unit: "tokens/s", digits: 0, role: "speed" },
  { name: "learningRate" },
  { name: "gradientNorm" },
  { name: "largestStream" },
  { name: "lsh.largestBucket", unit: "tokens" },
  { name: "lsh.beyondChunk", unit: "of all tokens" },
  { name: "lsh.onlySelf", unit: "of all tokens" },
];

/** The numbers of {@link ValidationValues}; of ids of a text with their bytes counted, for these too. */
export const validationMetrics = (tokens: TokenFormat, countsBytes: boolean): readonly Metric[] => [
  ...(countsBytes ? [lossMetric("byte", 4)] : []),
  lossMetric(unitOf(tokens), 4),
  { name: "tokens", unit: `${unitOf(tokens)}s`, digits: 0, role: "sample" },
];

/** Nats per token as bits. */
export function bitsOf(nats: number, unit: TokenUnit): Bits {
  const bits = nats / Math.LN2;
  return unit === "byte" ? { bitsPerByte: bits } : { bitsPerToken: bits };
}

/**
 * As in `2.9512 bits/byte`, or `1.9512 bits/byte (3.1021 bits/token)`.
 * @example
 * import { formatBits } from "reformax/training";
 * console.log(formatBits({ bitsPerByte: 2.95123 }, 2)); // => 2.95 bits/byte
 */
export function formatBits(bits: Bits, digits: number, per = "/"): string {
  checkPartsOf(bits, bitsKinds, "bits", "formatBits");
  checkKinds({ digits: [digits, digitsKind], per: [per, "text"] }, "formatBits");
  const { bitsPerByte, bitsPerToken } = bits;
  return bitsPerByte === undefined
    ? `${bitsPerToken?.toFixed(digits) ?? "?"} bits${per}token`
    : bitsPerToken === undefined
      ? `${bitsPerByte.toFixed(digits)} bits${per}byte`
      : `${formatBits({ bitsPerByte }, digits, per)} (${formatBits({ bitsPerToken }, digits, per)})`;
}

const bitsKinds = { bitsPerByte: orAbsent("number"), bitsPerToken: orAbsent("number") } as const;
