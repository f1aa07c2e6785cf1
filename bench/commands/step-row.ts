import { inProcess } from "../process.ts";
import { median, target } from "../command.ts";
import type { StepParameters, StepTime } from "../measures/step.ts";

const mebibyte = 2 ** 20;

/** What the process may need beside the arena and the arrays outside of it. */
const slackBytes = 150 * mebibyte;

/** One configuration's steps as numbers for a table. */
export interface StepRow {
  readonly "step s": number;
  readonly "us/token": number;
  readonly "GFLOP/s": number;
  readonly "planned MiB": number;
  readonly "process MiB": number;
  readonly "allowed MiB": number;
}

/** Trains in a process of its own. */
export const measureSteps = (parameters: StepParameters): StepTime =>
  inProcess<StepTime>("step", parameters);

/** Of one measurement, or of several of one configuration. */
export function stepRow(times: readonly StepTime[]): StepRow {
  const milliseconds = median(times.flatMap((time) => time.milliseconds));
  const [{ tokens, flops, plannedBytes, hostBytes }] = times;
  return {
    "step s": milliseconds / 1000,
    "us/token": (1000 * milliseconds) / tokens,
    "GFLOP/s": flops / milliseconds / 1e6,
    "planned MiB": plannedBytes / mebibyte,
    "process MiB": Math.min(...times.map(overIdle)) / mebibyte,
    "allowed MiB": (plannedBytes + hostBytes + slackBytes) / mebibyte,
  };
}

/** Peak of the process over what it needed before any array. */
export const overIdle = ({ peakBytes, idleBytes }: StepTime): number => peakBytes - idleBytes;

/** What the process needs over idle against the plan, the host's copies and 150 MiB. */
export const memoryTarget = (rows: readonly StepRow[]): string => {
  const worst = rows.reduce((a, b) =>
    a["process MiB"] - a["allowed MiB"] > b["process MiB"] - b["allowed MiB"] ? a : b,
  );
  return target(
    "process over idle, MiB (plan + arrays outside + 150)",
    worst["process MiB"],
    Math.round(worst["allowed MiB"]),
    "most",
  );
};
