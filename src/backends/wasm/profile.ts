import type { RunProfile, StepInfo, StepTime } from "../../plan/index.ts";
import { control, profileBytes } from "./constants/control.ts";
import type { ArenaMemory } from "./memory.ts";

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
