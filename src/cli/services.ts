import type { BackendName } from "../init.ts";
import type { CaseRunner } from "../interop/verify/case.ts";
import type { Presets, RunKeys, TrainableModel, TrainConfig } from "../training/index.ts";
import type { FaultHook } from "../training/node/index.ts";

/** What the commands are about: the program injects the Reformer, the tests something smaller. */
export interface Services {
  readonly presets: Presets;
  readonly defaultPreset: string;
  readonly startBackend: (name: BackendName) => Promise<void>;
  readonly createModel: (config: TrainConfig) => TrainableModel;
  readonly runKeys: (seed: number) => RunKeys;
  readonly runners: readonly CaseRunner[];
  /** Called at every point of a write at which a crash must be survived. */
  readonly fault: FaultHook;
}
