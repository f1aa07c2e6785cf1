import { BackendError } from "../../../core/errors.ts";
import { control, failureLength } from "../control.ts";
import type { ThreadHandle, ThreadSource } from "./source.ts";

/** Longest sleep of a thread before it looks again: bounds the harm of a wake-up that got lost. */
export const parkMilliseconds = 1000;

/** Starting takes some 50 ms; a thread that takes longer than this will not come. */
const startMilliseconds = 10_000;

/** Whether threads serve runs: not asked for yet, on their way, there, or never. */
type PoolState = "idle" | "starting" | "ready" | "broken";

/** The threads of a backend besides the caller's; started at the first run that pays. */
export class ThreadPool {
  readonly #source: ThreadSource;
  readonly #size: number;
  readonly #memory: WebAssembly.Memory;
  readonly #module: WebAssembly.Module;
  readonly #handles: ThreadHandle[] = [];
  #state: PoolState = "idle";
  #reason: string | undefined;

  constructor(
    source: ThreadSource,
    size: number,
    memory: WebAssembly.Memory,
    module: WebAssembly.Module,
  ) {
    this.#source = source;
    this.#size = size;
    this.#memory = memory;
    this.#module = module;
    abandonedPools.register(this, this.#handles);
  }

  /** Threads besides the caller's. */
  get size(): number {
    return this.#size;
  }

  /** Why there are no threads, if something went wrong. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether all threads wait for runs; starts them at the first call, and waits where they start at once. */
  isReady(): boolean {
    if (this.#state === "idle") this.#start();
    if (this.#state === "starting") this.#look();
    return this.#state === "ready";
  }

  /** Ends all threads; there will be no others. */
  stop(reason: string): void {
    this.#state = "broken";
    this.#reason = reason;
    for (const handle of this.#handles.splice(0)) handle.stop();
  }

  #start(): void {
    const { ready, failure } = control;
    const start = {
      module: this.#module,
      memory: this.#memory,
      control: { ready, failure, failureLength },
      parkMilliseconds,
    };
    try {
      for (let thread = 1; thread <= this.#size; thread++) {
        this.#handles.push(this.#source.start({ ...start, thread }));
      }
      this.#state = "starting";
    } catch (error) {
      this.stop(`a thread cannot be started: ${String(error)}`);
      return;
    }
    if (this.#source.startsWhileBlocked) this.#await();
  }

  #await(): void {
    const words = this.#words();
    const end = performance.now() + startMilliseconds;
    for (;;) {
      const ready = this.#readyThreads();
      const left = end - performance.now();
      if (ready === this.#size) return;
      if (left <= 0) break;
      Atomics.wait(words, control.ready >>> 2, ready, left);
    }
    this.stop(`only ${this.#readyThreads()} of ${this.#size} threads started in time`);
  }

  #look(): void {
    if (this.#readyThreads() === this.#size) this.#state = "ready";
  }

  #readyThreads(): number {
    return Atomics.load(this.#words(), control.ready >>> 2);
  }

  #words(): Int32Array {
    return new Int32Array(this.#memory.buffer);
  }
}

/** Threads of backends that nobody has any more. */
const abandonedPools = new FinalizationRegistry<ThreadHandle[]>((handles) => {
  for (const handle of handles) handle.stop();
});

/** After so many sleeps in a row a thread that was waited for is taken for dead. */
const mostSleeps = 120;

/**
 * How the calling thread sleeps: at most so often in a row. The window of a page may not sleep at all, and
 * goes on looking.
 */
export function callerPark(memory: WebAssembly.Memory): (address: number, value: number) => void {
  const words = new Int32Array(memory.buffer);
  let sleeps = 0;
  return (address, value) => {
    if (!canSleep()) return;
    const outcome = Atomics.wait(words, address >>> 2, value, parkMilliseconds);
    sleeps = outcome === "timed-out" ? sleeps + 1 : 0;
    if (sleeps < mostSleeps) return;
    sleeps = 0;
    throw new ThreadsLost();
  };
}

const canSleep = (): boolean => typeof document === "undefined";

/** The threads do not answer. */
export class ThreadsLost extends BackendError {
  constructor() {
    super("a thread of this run does not answer any more", {
      fix: "Run with one thread (REFORMAX_THREADS=1) and report what you did.",
    });
  }
}
