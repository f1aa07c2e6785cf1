import cliProgress from "cli-progress";
import { formatValidation } from "../format.ts";
import { printLine, terminalColumns, wrapText } from "../terminal.ts";
import type { AnyRecord, ProgressDisplay, Shown } from "./display.ts";
import { progressLine } from "./line.ts";

/** Columns that stay free, so that a `^C` that the terminal shows does not break the line. */
const margin = 3;

const showCursor = "\u001b[?25h";

/** A line at the bottom of the terminal that is written anew as training goes on, with notes above it. */
export function progressBar(
  { metrics, measured = [] }: Shown,
  first: number,
  last: number,
): ProgressDisplay {
  const columns = (): number => terminalColumns() ?? 80;
  const began = performance.now();
  let step = first;
  let record: AnyRecord | undefined;
  const line = (): string => {
    const seconds = (performance.now() - began) / 1000;
    const secondsLeft = step > first ? (seconds / (step - first)) * (last - step) : undefined;
    return progressLine(metrics, { step, last, record, seconds, secondsLeft }, columns() - margin);
  };
  const bars = new cliProgress.MultiBar({
    format: line,
    stream: process.stdout,
    hideCursor: true,
    linewrap: true,
    // A note takes the bar's place, which then has to be drawn again though nothing in it has changed.
    forceRedraw: true,
  });
  const shown = bars.create(last, first);
  // A second Ctrl-C ends the process at once.
  const restore = (): void => {
    process.stdout.write(showCursor);
  };
  process.once("exit", restore);
  let stopped = false;
  const note = (text: string): void => {
    if (stopped) {
      printLine(text);
      return;
    }
    bars.log(`${wrapText(text, columns())}\n`);
    bars.update();
  };
  return {
    step: (next) => {
      ({ step } = next);
      record = next;
      shown.update(step);
    },
    validation: (validation) => {
      note(formatValidation(measured, validation));
    },
    note,
    stop: () => {
      stopped = true;
      bars.stop();
      process.off("exit", restore);
    },
  };
}
