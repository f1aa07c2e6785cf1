import { formatMetrics } from "../../training/index.ts";
import { formatBytes, formatValidation } from "../format.ts";
import { printLine } from "../terminal.ts";
import type { ProgressDisplay, Shown } from "./display.ts";

/** Number of lines about steps that a run prints, whatever its length. */
const linesPerRun = 20;

/** Plain lines, for files and pipes. */
export function progressLines(
  { metrics, measured = [] }: Shown,
  first: number,
  last: number,
): ProgressDisplay {
  const every = Math.max(1, Math.ceil((last - first) / linesPerRun));
  return {
    step: (record) => {
      const { step, peakMemoryBytes } = record;
      if (step !== first + 1 && step !== last && step % every !== 0) return;
      const memory = `peak ${formatBytes(peakMemoryBytes)}`;
      printLine(`step ${step}/${last}: ${formatMetrics(metrics, record)}, ${memory}`);
    },
    validation: (record) => {
      printLine(formatValidation(measured, record));
    },
    note: printLine,
    stop: () => undefined,
  };
}
