import { checkRecord } from "../core/arguments.ts";
import { orAbsent } from "../core/kinds.ts";
import type { StepInfo } from "./planned-function.ts";

/** All executions of one step during a run, those of loops and calls included. */
export interface StepTime {
  readonly step: StepInfo;
  /** Where the step first stands in what the backend walks: a word of its code, or a place in its list. */
  readonly start: number;
  readonly calls: number;
  readonly milliseconds: number;
}

/** One execution of a step, on the clock of `performance.now()`. */
export interface StepEvent {
  readonly step: StepInfo;
  readonly begin: number;
  readonly end: number;
}

/** What the host did for a run of a device. */
export interface DeviceWorkReport {
  /** Kernel calls of the run, loops multiplied out. */
  readonly dispatches: number;
  /** Kernels that the backend has compiled so far, for all its programs. */
  readonly pipelines: number;
  /** Time in which the host wrote down what the device has to do. */
  readonly encodeMilliseconds: number;
  /** Whether the device tells times; where it does not, those of the steps are 0. */
  readonly isTimed: boolean;
}

/** Where the time of one run of a program went: as the calling thread saw it, or as the device that ran it says. */
export interface RunProfile {
  /** The name under which it was called. */
  readonly where: string;
  readonly threads: number;
  /** How many shares of steps each thread did, the caller first. */
  readonly shares: readonly number[];
  /**
   * Beginning and end of the steps, on the clock of `performance.now()`. The first step of a device is taken to begin
   * when it was handed over.
   */
  readonly begin: number;
  readonly end: number;
  /** Time for copying inputs in and results out; 0 on a device, which does not tell. */
  readonly copyMilliseconds: number;
  /** Kernel and host steps that ran, in the order of the code. */
  readonly steps: readonly StepTime[];
  /** The first executions, in order, as many as were asked for. */
  readonly events: readonly StepEvent[];
  /** Executions that came after those. */
  readonly missedEvents: number;
  /** Present where a device ran it. */
  readonly device?: DeviceWorkReport;
}

/** Who wants to know where time goes. */
export interface ProfileOptions {
  /** Called after every run that succeeded; for a run of a device, when its times have come back. */
  readonly onRun: (profile: RunProfile) => void;
  /** How many executions of a run to list one by one; 0 if absent. */
  readonly events?: number;
}

/** Throws unless a profile is asked for as {@link ProfileOptions} says. */
export function checkProfile(profile: ProfileOptions | undefined, where: string): void {
  if (profile === undefined) return;
  const kinds = { onRun: "function", events: orAbsent("count") } as const;
  checkRecord<ProfileOptions>(profile, kinds, "profile", where);
}
