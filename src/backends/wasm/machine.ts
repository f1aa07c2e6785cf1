import { control } from "./control.ts";
import { instantiateKernels, type KernelInstance } from "./kernel-module.ts";
import type { ArenaMemory } from "./memory.ts";

/** A run of a plan that lies in the memory; addresses in bytes. */
export interface Job {
  readonly code: number;
  /** First word of the main function. */
  readonly start: number;
  readonly frame: number;
  readonly constants: number;
  /** Room for the base tables of every thread. */
  readonly tables: number;
  readonly tableBytes: number;
  /** Where the times of the steps go, if they are wanted. */
  readonly profile?: { readonly sums: number; readonly events: number; readonly capacity: number };
  /** Carries out host step number `callback` on buffers at the given addresses. */
  readonly host: (callback: number, addresses: readonly number[]) => void;
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

/** The plan interpreter in WebAssembly and the memory that it works in. */
export class Machine {
  readonly #memory: ArenaMemory;
  readonly #kernels: KernelInstance;
  readonly #link: Link;

  private constructor(memory: ArenaMemory, kernels: KernelInstance, link: Link) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#link = link;
  }

  static async create(memory: ArenaMemory): Promise<Machine> {
    const link: Link = { job: undefined };
    const kernels = await instantiateKernels(memory.memory, false, {
      park: () => undefined,
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
    return new Machine(memory, kernels, link);
  }

  /** How many threads run a plan. */
  get threads(): number {
    return 1;
  }

  get kernelNames(): readonly string[] {
    return this.#kernels.names;
  }

  get heapBase(): number {
    return this.#kernels.heapBase;
  }

  /**
   * Runs a plan to its end.
   * @throws StepFailure when a kernel traps; what a host step throws
   */
  run(job: Job): void {
    this.#describe(job);
    this.#link.job = job;
    try {
      this.#kernels.runPlan(0);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      const step = this.#memory.words[control.currentSteps >>> 2];
      throw new StepFailure(error.message, step);
    } finally {
      this.#link.job = undefined;
    }
  }

  #describe({ code, start, frame, constants, tables, tableBytes, profile }: Job): void {
    const { words } = this.#memory;
    const set = (address: number, value: number): void => {
      words[address >>> 2] = value;
    };
    set(control.threads, 1);
    set(control.code, code);
    set(control.start, start);
    set(control.frame, frame);
    set(control.constants, constants);
    set(control.tables, tables);
    set(control.tableBytes, tableBytes);
    set(control.profile, profile?.sums ?? 0);
    set(control.trace, profile?.events ?? 0);
    set(control.traceCapacity, profile?.capacity ?? 0);
    set(control.traceCount, 0);
    set(control.trapThread, -1);
  }
}

/** How the imports, which exist before the machine, reach the job that runs. */
interface Link {
  job: Job | undefined;
}
