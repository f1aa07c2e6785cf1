import type { TrainConfig } from "./config/train-config.ts";
import type { Tokens } from "./data/tokens.ts";
import type { TrainHooks } from "./hooks.ts";
import type { TrainableModel } from "./next-token/model.ts";
import { nextTokenTask } from "./next-token/task.ts";
import type { RunKeys } from "./run-keys.ts";
import type { StepRecord, ValidationRecord } from "./next-token/records.ts";
import type { TrainStart } from "./start.ts";
import type { RecordFacts } from "./told.ts";
import type { Numbers, Task } from "./task/task.ts";

/** What asks a run to stop: an `AbortSignal`, or anything that says so the same way. */
export interface StopSignal {
  readonly aborted: boolean;
}

interface RunOptions<State> {
  /** Default: a new state. */
  readonly start?: TrainStart<State>;
  /** Once aborted, the run finishes the step it is at, saves, and ends. */
  readonly signal?: StopSignal;
  readonly hooks?: Partial<TrainHooks<State>>;
}

/** A run of a language model on a text. */
export interface TrainOptions<State> extends RunOptions<State> {
  readonly model: TrainableModel<State>;
  readonly config: TrainConfig;
  /** Without validation tokens nothing is measured. */
  readonly data: { readonly train: Tokens; readonly validation?: Tokens };
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
  /**
   * Number of steps, from the run's beginning, at which to stop. Default: the schedule's horizon.
   */
  readonly steps?: number;
}

/** A run of any task. */
export interface TaskOptions<
  State,
  Values extends object = Numbers,
  Measured extends object = Numbers,
> extends RunOptions<State> {
  readonly task: Task<State, Values, Measured>;
  /** Number of steps, from the run's beginning, at which to stop. */
  readonly steps: number;
  /** Steps between measurements; 0, the default, for none but the last. */
  readonly validateEvery?: number;
  /** Steps between calls of the hook `save`; 0, the default, for none but the last. */
  readonly checkpointEvery?: number;
}

/** What a run tells of a step when the next one may have been started already. */
export interface ToldStep<
  Step extends object = StepRecord,
  Measured extends object = ValidationRecord,
> {
  /** Number of updates so far, this one included. */
  readonly step: number;
  readonly metrics: Step;
  /** Where a measurement was due. */
  readonly validation?: Measured;
}

/** What a run tells after each step. */
export interface TrainStep<
  State,
  Step extends object = StepRecord,
  Measured extends object = ValidationRecord,
> extends ToldStep<Step, Measured> {
  /** Good until the next step is asked for, which takes its storage over. */
  readonly state: State;
}

export interface TrainOutcome<State, Measured extends object = ValidationRecord> {
  readonly step: number;
  readonly state: State;
  /** Whether it stopped before `steps` because it was asked to. */
  readonly interrupted: boolean;
  /** The last measurement, if there was one. */
  readonly validation?: Measured;
}

/** The record of a task's step. */
export type RecordOf<Values extends object> = RecordFacts & Values;

/** The record of a task's measurement. */
export interface MeasuredRecord<Measured extends object> {
  readonly step: number;
  readonly validation: Measured;
}

/** The run of a task that a run of a language model is. */
export function nextTokenRun<State>({ model, config, data, keys, ...run }: TrainOptions<State>) {
  const { schedule, validateEvery, checkpointEvery } = config.training;
  const { steps = schedule.horizon } = run;
  const task = nextTokenTask({ model, config, data, keys });
  return { ...run, task, steps, validateEvery, checkpointEvery };
}
