import { progressBar } from "./bar.ts";
import type { ProgressDisplay, Shown } from "./display.ts";
import { progressLines } from "./lines.ts";

/** A bar on a terminal, plain lines elsewhere, for a run of a task from step `first` to step `last`. */
export const createProgress = (task: Shown, first: number, last: number): ProgressDisplay =>
  process.stdout.isTTY ? progressBar(task, first, last) : progressLines(task, first, last);
