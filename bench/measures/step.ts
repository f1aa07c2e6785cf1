import { setTimeout } from "node:timers/promises";
import { init } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import { peakMemoryBytes } from "../../src/training/node/index.ts";
import type { ModelSettings } from "../models.ts";
import { observed } from "./observed.ts";
import { startTraining, stepName } from "./training.ts";

export interface StepParameters {
  readonly settings: ModelSettings;
  readonly steps: number;
  readonly threads: number;
}

export interface StepTime {
  readonly tokens: number;
  /** Of each step but the first, which compiles. */
  readonly milliseconds: readonly number[];
  readonly flops: number;
  /** Largest arena of all programs that ran. */
  readonly plannedBytes: number;
  /** Of the training step alone. */
  readonly stepBytes: number;
  /** Arrays outside of the arena: parameters and optimiser state. */
  readonly hostBytes: number;
  /** Of the process: when the library was loaded, and at its largest. */
  readonly idleBytes: number;
  readonly peakBytes: number;
}

/** Steps of training, and the memory of the process that ran nothing else. */
export async function measureStep({ settings, steps, threads }: StepParameters): Promise<StepTime> {
  const backend = observed(await init("wasm", { threads }), true);
  setBackend(backend);
  // Threads start in the meantime.
  await setTimeout(100);
  const idleBytes = process.memoryUsage().rss;
  const training = startTraining(settings);
  training.step();
  const milliseconds: number[] = [];
  for (let i = 0; i < steps; i++) {
    await setTimeout(0);
    const begin = performance.now();
    training.step();
    milliseconds.push(performance.now() - begin);
  }
  const reports = [...backend.seen.values()].map(({ report }) => report);
  const step = backend.seen.get(stepName);
  if (!step) throw new Error("no training step was compiled");
  return {
    tokens: training.tokens,
    milliseconds,
    flops: step.report.flops,
    plannedBytes: Math.max(...reports.map(({ peakBytes }) => peakBytes)),
    stepBytes: step.report.peakBytes,
    hostBytes: training.stateBytes(),
    idleBytes,
    peakBytes: peakMemoryBytes(),
  };
}
