import { inProcess } from "../process.ts";
import { median, target } from "../command.ts";
import type { StepParameters, StepTime } from "../measures/step.ts";

const mebibyte = 2 ** 20;

/** What the process may need beside the arena and the arrays outside of it. */
const slackBytes = 150 * mebibyte;

/** How long a step takes. */
export interface TimeColumns {
  readonly "step s": number;
  readonly "us/token": number;
  readonly "GFLOP/s": number;
}

/** What a step needs. */
export interface MemoryColumns {
  readonly "planned MiB": number;
  readonly "process MiB": number;
  readonly "allowed MiB": number;
}

/** Trains in a process of its own. */
export const measureSteps = (parameters: StepParameters): StepTime =>
  inProcess<StepTime>("step", parameters);

/** Of the median of some times. */
export function timeColumns({
  milliseconds,
  tokens,
  flops,
}: Pick<StepTime, "milliseconds" | "tokens" | "flops">): TimeColumns {
  const time = median(milliseconds);
  return {
    "step s": time / 1000,
    "us/token": (1000 * time) / tokens,
    "GFLOP/s": flops / time / 1e6,
  };
}

export const memoryColumns = (step: StepTime): MemoryColumns => ({
  "planned MiB": step.plannedBytes / mebibyte,
  // Over what the process needed before any array.
  "process MiB": (step.peakBytes - step.idleBytes) / mebibyte,
  "allowed MiB": (step.plannedBytes + step.hostBytes + slackBytes) / mebibyte,
});

/** What the process needs over idle against the plan, the host's copies and 150 MiB. */
export const memoryTarget = (rows: readonly MemoryColumns[]): string => {
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
