import { progressBar } from "./bar.ts";
import type { ProgressDisplay } from "./display.ts";
import { progressLines } from "./lines.ts";

/** A bar on a terminal, plain lines elsewhere, for a run from step `first` to step `last`. */
export const createProgress = (first: number, last: number): ProgressDisplay =>
  process.stdout.isTTY ? progressBar(first, last) : progressLines(first, last);
