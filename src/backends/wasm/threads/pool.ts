import type { ThreadReport } from "../../../ir/backend.ts";
import { control, failureLength } from "../constants/control.ts";
import { parkMilliseconds } from "./park.ts";
import type { ThreadStart } from "./serve.ts";
import type { ThreadHandle, ThreadSource } from "./source.ts";

/** Starting takes some 50 ms; a thread that takes longer than this will not come. */
const startMilliseconds = 10_000;

/** What happens to the threads; their workers know this record, but not the pool, which can so be collected. */
interface Team {
  readonly handles: ThreadHandle[];
  /** Why there are no threads any more. */
  lost: string | undefined;
}

/** The threads of a backend besides the caller's. */
export class ThreadPool {
  /** Threads besides the caller's. */
  readonly size: number;
  readonly #team: Team;

  private constructor(size: number, team: Team) {
    this.size = size;
    this.#team = team;
    abandonedPools.register(this, team);
  }

  /** Starts threads, and resolves when all wait for runs or one of them will never come. */
  static async start(
    source: ThreadSource,
    size: number,
    code: Pick<ThreadStart, "module" | "libraries" | "memory">,
  ): Promise<ThreadPool> {
    const team: Team = { handles: [], lost: undefined };
    const { ready, failure } = control;
    const common = {
      ...code,
      control: { ready, failure, failureLength },
      parkMilliseconds,
    };
    const lose = (reason: string): void => end(team, reason);
    try {
      for (let thread = 1; thread <= size && team.lost === undefined; thread++) {
        team.handles.push(source.start({ ...common, thread }, lose));
      }
    } catch (error) {
      lose(`a worker cannot be started: ${error instanceof Error ? error.message : String(error)}`);
    }
    const words = new Int32Array(code.memory.buffer);
    const started = (): number => Atomics.load(words, ready >>> 2);
    const giveUp = performance.now() + startMilliseconds;
    while (team.lost === undefined && started() < size) {
      if (performance.now() > giveUp) lose(`only ${started()} of ${size} workers started in time`);
      // In a page workers start while nobody computes.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return new ThreadPool(size, team);
  }

  /** How many threads a run gets, the caller's included. */
  get report(): ThreadReport {
    const { lost } = this.#team;
    return lost === undefined ? { count: this.size + 1 } : { count: 1, reason: lost };
  }

  /** Ends all threads; there will be no others. */
  stop(reason: string): void {
    end(this.#team, reason);
  }
}

/** Ends all threads, because one is lost or nobody wants them; only the first reason counts. */
function end(team: Team, reason: string): void {
  team.lost ??= reason;
  for (const handle of team.handles.splice(0)) handle.stop();
}

/** Threads of backends that nobody has any more. */
const abandonedPools = new FinalizationRegistry<Team>((team) => end(team, "nobody uses them"));
