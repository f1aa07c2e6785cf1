import { setTimeout } from "node:timers/promises";
import type { Arithmetic } from "../../src/backends/wasm/index.ts";
import { peakMemoryBytes } from "../../src/training/node/index.ts";
import type { ModelSettings } from "../models.ts";
import { startObserved } from "./observed.ts";
import { startTraining, stepName } from "./training.ts";

export interface StepParameters {
  readonly settings: ModelSettings;
  /** Beside the first one, which compiles. */
  readonly steps: number;
  readonly threads: number;
  /** Strict unless said. */
  readonly arithmetic?: Arithmetic;
}

export interface StepTime {
  readonly tokens: number;
  /** Of each step but the first, which compiles; of the first, if it is the only one. */
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
  /** SHA-256 of parameters and optimiser state after the last step. */
  readonly stateHash: string;
  /** Whether the streams that the reverse sweep rebuilt last were those of the forward pass; where it tells. */
  readonly rebuilt?: boolean;
}

/** Steps of training, and the memory of the process that ran nothing else. */
export async function measureStep({
  settings,
  steps,
  threads,
  arithmetic,
}: StepParameters): Promise<StepTime> {
  const backend = await startObserved({ threads, arithmetic });
  const idleBytes = process.memoryUsage().rss;
  const training = startTraining(settings);
  const all: number[] = [];
  for (let i = 0; i <= steps; i++) {
    await setTimeout(0);
    const begin = performance.now();
    training.step();
    all.push(performance.now() - begin);
  }
  const milliseconds = steps === 0 ? all : all.slice(1);
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
    stateHash: training.stateHash(),
    rebuilt: training.report().rebuilt,
  };
}
