import type { ProfileOptions } from "../../plan/index.ts";
import type { Lifetime } from "../../ir/lifetime.ts";
import type { Machine } from "./machine.ts";
import type { ArenaMemory } from "./memory.ts";
import type { Residents } from "./residency/residents.ts";

/** What the executables of one backend share. */
export interface Arena {
  readonly memory: ArenaMemory;
  readonly machine: Machine;
  /** What stays from one run to the next. */
  readonly residents: Residents;
  /** The most threads that a run gets. */
  readonly threads: number;
  /** First byte that executables may use. */
  readonly start: number;
  /** What stands for the plan whose code lies in the arena. */
  loaded: object | undefined;
  /** Runs that the plan expects to take fewer milliseconds stay on the calling thread. */
  readonly smallestRun: number;
  /** Bytes that need not have been copied, for each step of a plan, before a plan is made in which they stay. */
  readonly smallestCopy: number;
  /** Whether the backend may still be used. */
  readonly lifetime: Lifetime;
  /** Who wants to know where time goes, if anybody. */
  readonly profile: ProfileOptions | undefined;
  /** A run is in progress: its values are in the arena. */
  running: boolean;
}
