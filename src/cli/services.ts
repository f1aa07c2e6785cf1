import type { Arithmetic } from "../backends/wasm/index.ts";
import type { BackendName } from "../init.ts";
import type { JsonObject } from "../edge/json.ts";
import type { DeviceLimits, ThreadReport } from "../ir/backend.ts";
import type { ProfileOptions } from "../plan/index.ts";
import type { CaseRunner } from "../verify/case.ts";
import type { Presets, RunKeys, TrainableModel, TrainConfig } from "../training/index.ts";
import type { ShippedModel } from "./shipped-model.ts";
import type { TaskKind } from "../training/task/kind.ts";
import type { FaultHook } from "../training/node/index.ts";

/** What the user chose for computing. */
export interface BackendFlags {
  readonly backend: BackendName;
  readonly threads?: number;
  /** Strict where it is left out. */
  readonly arithmetic?: Arithmetic;
  /** f32 where it is left out; for graphics processors. */
  readonly products?: ProductsFlag;
}

export type ProductsFlag = "f32" | "f16";

/** What was started. */
export interface StartedBackend extends ThreadReport {
  /** Of a device that is not the host. */
  readonly device?: DeviceLimits;
  /** Where something is to choose, as the back end says. */
  readonly tune?: (known?: JsonObject) => Promise<JsonObject | undefined>;
}

export type TaskKinds = Readonly<Record<string, TaskKind>>;

/** What the commands are about: the program injects the Reformer, the tests something smaller. */
export interface Services {
  readonly presets: Presets;
  readonly defaultPreset: string;
  /** `profile` hears where the time of every run goes; `reference` does not tell. */
  readonly startBackend: (flags: BackendFlags, profile?: ProfileOptions) => Promise<StartedBackend>;
  readonly createModel: (config: TrainConfig) => TrainableModel;
  /** Tasks besides predicting the next token, by their names. */
  readonly kinds: TaskKinds;
  readonly runKeys: (seed: number) => RunKeys;
  readonly shippedModel: ShippedModel;
  readonly runners: readonly CaseRunner[];
  /** Called at every point of a write at which a crash must be survived. */
  readonly fault: FaultHook;
}
