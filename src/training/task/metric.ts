import {
  checkKind,
  checkKinds,
  checkList,
  checkPartsOf,
  type KindsOf,
} from "../../core/arguments.ts";
import { orAbsent, type Kind } from "../../core/kinds.ts";

/** A number that a task reports: what it is called, in which unit it is, and how a line of progress shows it. */
export interface Metric {
  /** Its key in a record; `lsh.onlySelf` is the key `onlySelf` of what stands under `lsh`. */
  readonly name: string;
  /** As in `bits/byte` or `tokens/s`; absent for bare numbers. */
  readonly unit?: string;
  /** Decimals in a line of progress. Absent: it stands in records only. */
  readonly digits?: number;
  /**
   * `loss`: what training lowers. `speed`: how fast it goes. `sample`: over how much was measured. Lines show these by
   * their units, and other metrics by their names.
   */
  readonly role?: "loss" | "speed" | "sample";
}

/** Decimals. */
export const digitsKind: Kind = {
  expected: "a number of decimals, 0 to 100",
  is: (x) => Number.isInteger(x) && (x as number) >= 0 && (x as number) <= 100,
};

const metricKinds: KindsOf<Metric> = {
  name: "text",
  unit: orAbsent("text"),
  digits: orAbsent(digitsKind),
  role: orAbsent(["loss", "speed", "sample"]),
};

/** What training lowers: the metric that says so, or else the first. */
export const lossOf = (metrics: readonly Metric[]): Metric | undefined =>
  metrics.find(({ role }) => role === "loss") ?? metrics.at(0);

/** The number of a metric in a record, or undefined where the record has none. */
export function valueOf({ name }: Pick<Metric, "name">, record: object): number | undefined {
  const found = Object.hasOwn(record, name)
    ? (record as Readonly<Record<string, unknown>>)[name]
    : name.split(".").reduce<unknown>(member, record);
  return typeof found === "number" ? found : undefined;
}

const member = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;

/**
 * A metric as text: `2.951 bits/byte`, or `accuracy 0.910` where it has no unit or no role.
 *
 * @example
 * import { formatMetric } from "reformax/training";
 * const record = { step: 7, loss: 0.51234, accuracy: 0.91 };
 * console.log(formatMetric({ name: "loss", unit: "nats", digits: 2, role: "loss" }, record)); // => 0.51 nats
 * console.log(formatMetric({ name: "accuracy", digits: 2 }, record)); // => accuracy 0.91
 */
export function formatMetric(metric: Metric, record: object): string {
  checkPartsOf(metric, metricKinds, "metric", "formatMetric");
  checkKinds({ record: [record, "object"] }, "formatMetric");
  const { name, unit, digits = 3, role } = metric;
  const named = role === undefined || unit === undefined;
  const value = valueOf(metric, record)?.toFixed(digits) ?? "?";
  return [...(named ? [name] : []), value, ...(unit === undefined ? [] : [unit])].join(" ");
}

/**
 * The metrics that a line of progress shows, one after the other: those that have `digits`.
 *
 * @example
 * import { formatMetrics } from "reformax/training";
 * const metrics = [
 *   { name: "loss", unit: "nats", digits: 2, role: "loss" },
 *   { name: "gradientNorm" },
 *   { name: "stepsPerSecond", unit: "steps/s", digits: 0, role: "speed" },
 * ] as const;
 * const record = { step: 7, loss: 0.51234, gradientNorm: 3, stepsPerSecond: 20.3 };
 * console.log(formatMetrics(metrics, record)); // => 0.51 nats, 20 steps/s
 */
export const formatMetrics = (metrics: readonly Metric[], record: object): string =>
  checkList(metrics, "metrics", "formatMetrics")
    .map((metric, i) => checkPartsOf(metric, metricKinds, `metrics.${i}`, "formatMetrics"))
    .filter(({ digits }) => digits !== undefined)
    .map((metric) => formatMetric(metric, checkKind(record, "object", "record", "formatMetrics")))
    .join(", ");
