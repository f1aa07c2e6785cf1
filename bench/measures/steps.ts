import type { Arithmetic } from "../../src/backends/wasm/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import type { ModelSettings } from "../models.ts";
import { startObserved } from "./observed.ts";
import { startTraining, stepName } from "./training.ts";

/** Steps of a training that are measured again and again. */
export interface StepsParameters {
  readonly settings: ModelSettings;
  readonly threads: number;
  readonly arithmetic: Arithmetic;
  /** Steps in a turn. */
  readonly steps: number;
}

export interface Steps {
  /** Trains for a turn; milliseconds a step. */
  readonly turn: () => number;
  readonly flops: number;
  readonly tokens: number;
}

/** Compiles a training step by doing one, on a backend of its own. */
export async function startSteps({
  settings,
  threads,
  arithmetic,
  steps,
}: StepsParameters): Promise<Steps> {
  const backend = await startObserved({ threads, arithmetic });
  const training = startTraining(settings);
  training.step();
  return {
    turn: () => {
      setBackend(backend);
      const begin = performance.now();
      for (let i = 0; i < steps; i++) training.step();
      return (performance.now() - begin) / steps;
    },
    flops: backend.seen.get(stepName)?.report.flops ?? 0,
    tokens: training.tokens,
  };
}
