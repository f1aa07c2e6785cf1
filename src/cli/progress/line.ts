import { formatMetric, type Metric } from "../../training/index.ts";
import { formatBytes, formatDuration } from "../format.ts";
import type { AnyRecord } from "./display.ts";

/** How far a run is. */
export interface Progress {
  readonly step: number;
  /** The step at which the run ends. */
  readonly last: number;
  /** Absent before the first step. */
  readonly record?: AnyRecord;
  /** Since the run began. */
  readonly seconds: number;
  /** Expected until it ends; absent before there is anything to judge by. */
  readonly secondsLeft?: number;
}

const shortestBar = 10;
const longestBar = 40;
const gap = "  ";

/** As wide as most speeds and times are, so that the bar keeps its length. */
const speedWidth = 5;
const timeWidth = "12h34m left".length;

/**
 * One line of at most `columns` characters about a run: a bar, and as much beside it as there is room for. Memory is
 * left out first, then the speed, then other metrics than the loss, then the bar; the step is never.
 *
 * @param metrics those of the task: lines show the ones with `digits`
 */
export function progressLine(
  metrics: readonly Metric[],
  progress: Progress,
  columns: number,
): string {
  const { step, last, record, seconds, secondsLeft } = progress;
  const count = `${String(step).padStart(String(last).length)}/${last}`;
  const shown = record ? metrics.filter(({ digits }) => digits !== undefined) : [];
  const textsOf = (role: Metric["role"], width = 0): readonly string[] =>
    shown
      .filter((metric) => metric.role === role)
      .map((metric) => padNumber(formatMetric(metric, record ?? {}), width));
  const [loss, others] = [textsOf("loss"), textsOf(undefined)];
  const speed = textsOf("speed", speedWidth);
  const memory = record?.peakMemoryBytes && formatBytes(record.peakMemoryBytes);
  const time =
    step >= last
      ? `in ${formatDuration(seconds)}`
      : secondsLeft !== undefined && `${formatDuration(secondsLeft)} left`.padEnd(timeWidth);
  const choices = [
    { withBar: true, parts: [count, ...loss, ...others, ...speed, memory, time] },
    { withBar: true, parts: [count, ...loss, ...others, ...speed, time] },
    { withBar: true, parts: [count, ...loss, ...others, time] },
    { withBar: true, parts: [count, ...loss, time] },
    { withBar: false, parts: [count, ...loss, time] },
    { withBar: false, parts: [count, ...loss] },
  ].map(({ withBar, parts }) => ({ withBar, text: parts.filter(Boolean).join(gap) }));
  for (const { withBar, text } of choices) {
    const room = columns - text.length - gap.length;
    if (withBar && room >= shortestBar) {
      return `${bar(step, last, Math.min(longestBar, room))}${gap}${text}`;
    }
    if (!withBar && text.length <= columns) return text;
  }
  return count.slice(0, columns);
}

/** A text that begins with a number, which gets the width. */
const padNumber = (text: string, width: number): string => {
  const [number, ...unit] = text.split(" ");
  return [number.padStart(width), ...unit].join(" ");
};

function bar(step: number, last: number, length: number): string {
  const done = last === 0 ? length : Math.floor((length * Math.min(step, last)) / last);
  return "█".repeat(done) + "░".repeat(length - done);
}
