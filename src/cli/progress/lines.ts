import { formatBits } from "../../training/index.ts";
import { formatBytes, formatSpeed, formatValidation } from "../format.ts";
import { printLine } from "../terminal.ts";
import type { ProgressDisplay } from "./display.ts";

/** Number of lines about steps that a run prints, whatever its length. */
const linesPerRun = 20;

/** Plain lines, for files and pipes. */
export function progressLines(first: number, last: number): ProgressDisplay {
  const every = Math.max(1, Math.ceil((last - first) / linesPerRun));
  return {
    step: ({ step, tokensPerSecond, peakMemoryBytes, ...loss }) => {
      if (step !== first + 1 && step !== last && step % every !== 0) return;
      printLine(
        `step ${step}/${last}: ${formatBits(loss, 3)}, ` +
          `${formatSpeed(tokensPerSecond)} tokens/s, peak ${formatBytes(peakMemoryBytes)}`,
      );
    },
    validation: (record) => {
      printLine(formatValidation(record));
    },
    note: printLine,
    stop: () => undefined,
  };
}
