/** Training steps on any backend: random bytes, the keys of a run. */
import { tensorFrom } from "../../src/core/tensor.ts";
import { toHost, type Backend, type Tensor } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import type { StepMetrics } from "../../src/training/next-token/model.ts";
import { reformerModel } from "../../src/training/reformer-model.ts";
import { runKeys, type TrainConfig } from "../../src/training/index.ts";
import { configOf, deviceModel } from "../../bench/models.ts";

export interface Run {
  /** Hands a step to the backend, and returns what it will report. */
  readonly step: () => StepMetrics;
  /** Parameters and optimiser state as they are now, on the host. */
  readonly state: () => Promise<unknown>;
  readonly parameters: number;
  /** Bytes at the peak of the step's plan. */
  readonly peakBytes: () => number;
}

export function startRun(config: TrainConfig, backend: Backend): Run {
  setBackend(backend);
  const model = reformerModel(config);
  const keys = runKeys(1);
  const { batch, length } = config.training;
  let state = model.init(keys.initial);
  let count = 0;
  const window = (): Tensor => {
    const words = keys.words(count, batch * (length + 1));
    const tokens = Int32Array.from(words, (word) => word % model.vocabulary);
    return tensorFrom("i32", [batch, length + 1], tokens);
  };
  return {
    step: () => {
      setBackend(backend);
      const result = model.step(state, window(), keys.step(count));
      state = result.state;
      count++;
      return result.metrics;
    },
    state: () => toHost(state),
    parameters: model.parameterCount(state),
    peakBytes: () => model.planStep?.(state, window(), keys.step(count)).peakBytes ?? 0,
  };
}

export async function lossOf({ loss }: StepMetrics): Promise<number> {
  return (await toHost(loss)).item();
}

export const enwik8Config = (length: number, depth: number): TrainConfig =>
  configOf(deviceModel(length, depth));
