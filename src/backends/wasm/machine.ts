import type { ThreadReport } from "../../ir/backend.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { control, threadStride } from "./constants/control.ts";
import type { KernelLibrary } from "./libraries/library.ts";
import { instantiateKernels, type Interpreter, type KernelInstance } from "./kernel-module.ts";
import type { ArenaMemory } from "./memory.ts";
import { callerPark, ThreadsLost } from "./threads/park.ts";
import { ThreadPool } from "./threads/pool.ts";
import type { ThreadSource } from "./threads/source.ts";

/** A run of a plan that lies in the memory; addresses in bytes. */
export interface Job {
  readonly code: number;
  /** First word of the main function. */
  readonly start: number;
  readonly frame: number;
  readonly constants: number;
  /** Where the addresses of the main function's parameters are listed. */
  readonly parameters: { readonly at: number; readonly count: number };
  /** Room for the base tables of every thread. */
  readonly tables: number;
  readonly tableBytes: number;
  /** How many threads are worth it; there may be fewer. */
  readonly threads: number;
  /** Where the times of the steps go, if they are wanted. */
  readonly profile?: { readonly sums: number; readonly events: number; readonly capacity: number };
  /** Carries out host step number `callback` on buffers at the given addresses. */
  readonly host: (callback: number, addresses: readonly number[]) => void;
}

/** What tests may do to the threads of a run. */
export interface Faults {
  /** Not 0: every share of a step is delayed by a pseudo-random time that this number decides. */
  readonly delaySeed?: number;
  /** A thread traps before it does its share of the step at a word of the code. */
  readonly trap?: { readonly thread: number; readonly step: number };
}

/** How a machine works. Only its arithmetic changes bits of results. */
export interface MachineOptions {
  /** Strict unless said. */
  readonly arithmetic?: Arithmetic;
  /** How many threads are wanted. */
  readonly threads: number;
  /** Where threads come from; without there is one. */
  readonly source?: ThreadSource;
  /** Why there is no source. */
  readonly threadless?: string;
  /** Steps with less work (see src/backends/wasm/constants/opcodes.ts) are not split. */
  readonly smallestSplit: number;
  /** Kernels beside the binary's. */
  readonly libraries?: readonly KernelLibrary[];
  /** Looks of a waiting thread before it sleeps. */
  readonly spins: number;
  /** For tests: asked before every run. */
  readonly faults?: () => Faults;
}

/** A step has trapped. */
export class StepFailure extends Error {
  /** The word of the code where the step starts. */
  readonly step: number;

  constructor(message: string, step: number) {
    super(message);
    this.step = step;
  }
}

/** The plan interpreter in WebAssembly, the memory that it works in, and the threads that run it. */
export class Machine {
  readonly #memory: ArenaMemory;
  readonly #kernels: KernelInstance;
  readonly #interpreter: Interpreter;
  readonly #link: Link;
  readonly #options: MachineOptions;
  readonly #pool: ThreadPool | undefined;

  private constructor(
    memory: ArenaMemory,
    kernels: KernelInstance,
    link: Link,
    options: MachineOptions,
    pool: ThreadPool | undefined,
  ) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#interpreter = kernels.interpreter;
    this.#link = link;
    this.#options = options;
    this.#pool = pool;
  }

  /**
   * Resolves when the threads wait for runs, or is known why they do not come.
   * @param memory shared if there are to be several threads
   */
  static async create(memory: ArenaMemory, options: MachineOptions): Promise<Machine> {
    const link: Link = { job: undefined };
    const { arithmetic = "strict", threads, source, libraries = [] } = options;
    const several = threads > 1 && source !== undefined;
    const choice = { arithmetic, shared: several };
    const kernels = await instantiateKernels(memory.memory, choice, libraries, {
      park: callerPark(memory.memory),
      now: () => performance.now(),
      callHost: (callback, address, count) => {
        const first = address >>> 2;
        const addresses = memory.words.subarray(first, first + count);
        link.job?.host(
          callback,
          Array.from(addresses, (word) => word >>> 0),
        );
      },
    });
    const pool = several
      ? await ThreadPool.start(source, threads - 1, {
          memory: memory.memory,
          module: kernels.module,
          libraries: kernels.libraries,
        })
      : undefined;
    return new Machine(memory, kernels, link, options, pool);
  }

  /** What plans call each kernel by. */
  get kernels(): ReadonlyMap<string, number> {
    return this.#kernels.numbers;
  }

  get heapBase(): number {
    return this.#kernels.heapBase;
  }

  /** The most threads that run a plan, and why there are not more. */
  get report(): ThreadReport {
    const { threads, threadless: reason } = this.#options;
    if (this.#pool) return this.#pool.report;
    return threads === 1 || reason === undefined ? { count: 1 } : { count: 1, reason };
  }

  /** How many threads the last run had. */
  get lastThreads(): number {
    return this.#word(control.threads);
  }

  /** How many shares of steps each thread did in the last run. */
  get lastShares(): readonly number[] {
    return Array.from({ length: this.lastThreads }, (_, thread) =>
      this.#word(control.sharesDone + thread * threadStride),
    );
  }

  /** Ends the threads; runs after that have one. */
  stop(): void {
    this.#pool?.stop("they were stopped");
  }

  /**
   * Runs a plan to its end.
   * @throws StepFailure when a kernel traps; ThreadsLost; what a host step throws
   */
  run(job: Job): void {
    const threads = Math.min(job.threads, this.report.count);
    const pool = threads > 1 ? this.#pool : undefined;
    this.#describe(job, threads);
    this.#link.job = job;
    try {
      if (pool) this.#runTogether(pool);
      else this.#runPart();
    } catch (error) {
      if (error instanceof ThreadsLost) pool?.stop(error.message);
      throw error;
    } finally {
      this.#link.job = undefined;
    }
  }

  #runTogether(pool: ThreadPool): void {
    const interpreter = this.#interpreter;
    interpreter.startRun();
    let failed = false;
    let failure: unknown;
    try {
      this.#runPart();
    } catch (error) {
      if (error instanceof ThreadsLost) throw error;
      failed = true;
      failure = error;
      interpreter.abortRun(0);
    }
    // A thread that is still at work would write into the next run.
    interpreter.waitForOthers(pool.size);
    const culprit = this.#word(control.abort) - 1;
    if (culprit > 0) throw new StepFailure(this.#failureText(), this.#stepOf(culprit));
    if (failed) throw failure;
  }

  /** The caller's share. */
  #runPart(): void {
    try {
      this.#interpreter.runPlan(0);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      throw new StepFailure(error.message, this.#stepOf(0));
    }
  }

  #describe(job: Job, threads: number): void {
    const { words } = this.#memory;
    const { smallestSplit, spins, faults } = this.#options;
    const { delaySeed = 0, trap = { thread: -1, step: 0 } } = faults?.() ?? {};
    const write = (address: number, value: number): void => {
      words[address >>> 2] = value;
    };
    write(control.arrived, 0);
    write(control.abort, 0);
    write(control.left, 0);
    write(control.ticket, 0);
    write(control.ticket + 4, 0);
    write(control.done, 0);
    write(control.threads, threads);
    write(control.code, job.code);
    write(control.start, job.start);
    write(control.frame, job.frame);
    write(control.constants, job.constants);
    write(control.parameters, job.parameters.at);
    write(control.parameterCount, job.parameters.count);
    write(control.tables, job.tables);
    write(control.tableBytes, job.tableBytes);
    write(control.smallestSplit, smallestSplit);
    write(control.spins, spins);
    write(control.profile, job.profile?.sums ?? 0);
    write(control.trace, job.profile?.events ?? 0);
    write(control.traceCapacity, job.profile?.capacity ?? 0);
    write(control.traceCount, 0);
    write(control.delaySeed, delaySeed);
    write(control.trapThread, trap.thread);
    write(control.trapStep, trap.step);
  }

  #word(address: number): number {
    return Atomics.load(this.#memory.words, address >>> 2);
  }

  #stepOf(thread: number): number {
    return this.#word(control.currentSteps + thread * threadStride);
  }

  #failureText(): string {
    const { buffer } = this.#memory.words;
    const bytes = new Uint8Array(buffer, control.failure + 4, this.#word(control.failure));
    return String.fromCharCode(...bytes);
  }
}

/** How the imports, which exist before the machine, reach the job that runs. */
interface Link {
  job: Job | undefined;
}
