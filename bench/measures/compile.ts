import { init } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import type { ModelSettings } from "../models.ts";
import { observed } from "./observed.ts";
import { startTraining, stepName } from "./training.ts";

export interface CompileTime {
  readonly equations: number;
  readonly traceMilliseconds: number;
  readonly compileMilliseconds: number;
  /** Of both, on all of the process's threads: other processes disturb it less than the time on the clock. */
  readonly processorMilliseconds: number;
  readonly plannedBytes: number;
}

/** Time to trace and to compile a training step, in an engine that has compiled nothing like it before. */
export async function measureCompile(settings: ModelSettings): Promise<CompileTime> {
  const backend = observed(await init("wasm", { threads: 1 }), false);
  setBackend(backend);
  const training = startTraining(settings);
  const begin = performance.now();
  const before = process.cpuUsage();
  training.step();
  const { user, system } = process.cpuUsage(before);
  const milliseconds = performance.now() - begin;
  const step = backend.seen.get(stepName);
  if (!step) throw new Error("no training step was compiled");
  return {
    equations: step.program.equations.length,
    traceMilliseconds: milliseconds - step.compileMilliseconds,
    compileMilliseconds: step.compileMilliseconds,
    processorMilliseconds: (user + system) / 1000,
    plannedBytes: step.report.peakBytes,
  };
}
