import {
  formatMetric,
  formatMetrics,
  type MeasuredRecord,
  type Metric,
} from "../training/index.ts";

/** As in `124 MiB` or `3.21 GiB`. */
export const formatBytes = (bytes: number | undefined): string =>
  bytes === undefined
    ? "unknown"
    : bytes < 2 ** 30
      ? `${(bytes / 2 ** 20).toFixed(0)} MiB`
      : `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** As in `1 file` or `3 files`. */
export const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** The two largest units of a time, as in `42s`, `12m30s`, `3h25m` or `2d4h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const largest = units.findIndex(([, size]) => whole >= size);
  const [unit, size] = units[largest < 0 ? units.length - 1 : largest];
  const next = largest < 0 ? undefined : units[largest + 1];
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[1]);
  return `${Math.floor(whole / size)}${unit}${rest === 0 ? "" : `${rest}${next?.[0]}`}`;
}

/** As in `step 200: validation 2.1234 bits/byte over 180 bytes`. */
export function formatValidation(
  metrics: readonly Metric[],
  { step, validation }: MeasuredRecord<object>,
): string {
  const sample = metrics.find(({ role }) => role === "sample");
  const found = metrics.filter((metric) => metric !== sample);
  const over = sample ? ` over ${formatMetric(sample, validation)}` : "";
  return `step ${step}: validation ${formatMetrics(found, validation)}${over}`;
}
