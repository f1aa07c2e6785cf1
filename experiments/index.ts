import { copy } from "./copy/experiment.ts";
import type { Experiment } from "./frame/experiment.ts";
import { memory } from "./memory/experiment.ts";

/** All experiments, in the order in which they run. */
export const experiments: readonly Experiment[] = [copy, memory];
