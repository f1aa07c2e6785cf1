import type { StepInfo } from "../../plan/index.ts";
import { control, profileBytes } from "./constants/control.ts";
import type { ArenaMemory } from "./memory.ts";

/** All executions of one step during a run, those of loops and calls included. */
export interface StepTime {
  readonly step: StepInfo;
  /** Word of the code where the step starts. */
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

/** Where the time of one run of a program went, as the calling thread saw it. */
export interface RunProfile {
  /** The name under which it was called. */
  readonly where: string;
  readonly threads: number;
  /** How many shares of steps each thread did, the caller first. */
  readonly shares: readonly number[];
  /** Beginning and end of the steps, on the clock of `performance.now()`. */
  readonly begin: number;
  readonly end: number;
  /** Time for copying inputs in and results out. */
  readonly copyMilliseconds: number;
  /** Kernel and host steps that ran, in the order of the code. */
  readonly steps: readonly StepTime[];
  /** The first executions, in order, as many as were asked for. */
  readonly events: readonly StepEvent[];
  /** Executions that came after those. */
  readonly missedEvents: number;
}

/** Who wants to know where time goes. */
export interface ProfileOptions {
  /** Called after every run that succeeded. */
  readonly onRun: (profile: RunProfile) => void;
  /** How many executions of a run to list one by one; 0 if absent. */
  readonly events?: number;
}

/** Steps that are timed are at least so many words apart. */
const sumEvery = 4;

/** The memory in which a run's times are kept. */
export class ProfileArea {
  readonly sums: number;
  readonly events: number;
  readonly capacity: number;
  readonly end: number;
  readonly #sumCount: number;

  /** @param start a multiple of 16 */
  constructor(start: number, codeWords: number, capacity: number) {
    this.#sumCount = Math.ceil(codeWords / sumEvery);
    this.capacity = capacity;
    this.sums = start;
    this.events = start + this.#sumCount * profileBytes.sum;
    this.end = this.events + capacity * profileBytes.event;
  }

  clear(memory: ArenaMemory): void {
    memory.words.fill(0, this.sums >>> 2, this.events >>> 2);
  }

  /** @param infos the steps by the word where they start */
  readSteps(memory: ArenaMemory, infos: ReadonlyMap<number, StepInfo>): readonly StepTime[] {
    const view = memory.view(this.sums, this.#sumCount * profileBytes.sum);
    return [...infos].flatMap(([start, step]) => {
      const at = Math.floor(start / sumEvery) * profileBytes.sum;
      const calls = view.getInt32(at + 8, true);
      return calls > 0 ? [{ step, start, calls, milliseconds: view.getFloat64(at, true) }] : [];
    });
  }

  readEvents(
    memory: ArenaMemory,
    infoOf: (start: number) => StepInfo | undefined,
  ): Pick<RunProfile, "events" | "missedEvents"> {
    const happened = memory.words[control.traceCount >>> 2];
    const kept = Math.min(happened, this.capacity);
    const view = memory.view(this.events, kept * profileBytes.event);
    const events = Array.from({ length: kept }, (_, i) => {
      const at = i * profileBytes.event;
      return {
        step: infoOf(view.getInt32(at + 16, true)),
        begin: view.getFloat64(at, true),
        end: view.getFloat64(at + 8, true),
      };
    });
    return {
      events: events.flatMap(({ step, ...times }) => (step ? [{ step, ...times }] : [])),
      missedEvents: happened - kept,
    };
  }
}
