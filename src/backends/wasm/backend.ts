import { checkOptions, type KindsOf } from "../../core/arguments.ts";
import type { Backend } from "../../ir/backend.ts";
import { Lifetime } from "../../ir/lifetime.ts";
import {
  checkProfile,
  defaultFlags,
  flagKinds,
  planProgram,
  type OutsideValues,
  type PlanFlags,
  type ProfileOptions,
} from "../../plan/index.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { encodePlan } from "./encode.ts";
import type { Arena } from "./arena.ts";
import { PlanExecutable, type Planned } from "./executable.ts";
import type { KernelLibrary } from "./libraries/library.ts";
import type { Faults } from "./machine.ts";
import { Residents } from "./residency/residents.ts";
import { startMachine } from "./start.ts";
import { wasmTarget } from "./target.ts";
import { mostThreads } from "./threads/count.ts";
import type { ThreadSource } from "./threads/source.ts";

/** Choices at the creation of a WASM backend. None of them but `arithmetic` changes a bit of any result. */
export interface WasmOptions extends Partial<PlanFlags> {
  /**
   * How sums of products round: `strict`, the default, gives the same bits on every engine and machine; `relaxed`
   * is up to twice as fast, and gives the same bits on any number of threads of one machine and engine.
   */
  readonly arithmetic?: Arithmetic;
  /**
   * How many threads to compute on, 1 to 32: by default what the environment variable REFORMAX_THREADS
   * says, else one per core. Where the engine has no threads there is one.
   */
  readonly threads?: number;
  /** Where threads come from, instead of what the engine offers: pages may have worker files of their own. */
  readonly threadSource?: ThreadSource;
  /** Who wants to know where the time of a run goes; asking for it slows runs a little. */
  readonly profile?: ProfileOptions;
  /** Operations without a kernel run as their slow reference implementation instead of failing. */
  readonly allowReference?: boolean;
  /**
   * Kernels from outside of reformax, for operations of one's own.
   * @experimental
   */
  readonly kernels?: readonly KernelLibrary[];
  /** For tests: first byte of the arena, at least 16-byte aligned. */
  readonly arenaBase?: number;
  /** For tests: with how little work a step or a run is worth several threads, or copies another plan. */
  readonly smallest?: SmallestWork;
  /** For tests: what happens to the threads of the next run. */
  readonly faults?: () => Faults;
}

/** With how little work something is worth while: several threads, or another plan. */
export interface SmallestWork {
  /** Of a step, in scalar operations. */
  readonly step: number;
  /** Of a run, in milliseconds as the plan estimates them. */
  readonly run: number;
  /**
   * Bytes of copies that could have been avoided, for each step of a plan, before what comes again stays in the arena; programs with smaller
   * inputs are not watched.
   */
  readonly copy?: number;
}

const optionKinds: KindsOf<WasmOptions> = {
  ...flagKinds,
  // These two and kernels have checks of their own, with what the engine has.
  arithmetic: "any",
  threads: "any",
  threadSource: "object",
  profile: "object",
  allowReference: "flag",
  kernels: "list",
  arenaBase: "count",
  smallest: "object",
  faults: "function",
};

const smallestWork = { step: 16384, run: 0.2, copy: 65536 } as const satisfies SmallestWork;

/** Cores of a virtual machine are slower than each other by turns: whoever is faster takes more of a step's shares. */
const sharesPerThread = 4;

/**
 * The WebAssembly SIMD backend: programs are planned once, then run in one arena that all of the
 * backend's executables share.
 *
 * Its threads are started before it is there; `threads` says how many there are, and why not more.
 *
 * @throws BackendError when the engine has no WebAssembly or gives it no memory, a page's security policy forbids it, the
 * number of threads is none, the engine has no relaxed arithmetic, or kernels from outside are not as {@link KernelLibrary} says
 * @example
 * import { createWasmBackend } from "reformax/backends/wasm";
 * const backend = await createWasmBackend({ threads: 2 });
 * console.log(backend.name); // => wasm
 */
export async function createWasmBackend(options: WasmOptions = {}): Promise<Backend> {
  checkOptions(options, optionKinds, "createWasmBackend");
  checkProfile(options.profile, "createWasmBackend");
  const {
    arithmetic,
    threads: wanted,
    threadSource,
    profile,
    allowReference = false,
    kernels: libraries = [],
    arenaBase,
    smallest = smallestWork,
    faults,
    ...chosen
  } = options;
  const { machine, memory } = await startMachine({
    arithmetic,
    threads: wanted,
    threadSource,
    libraries,
    smallestSplit: smallest.step,
    faults,
  });
  const { count: threads } = machine.report;
  const name = "wasm";
  const lifetime = new Lifetime(name);
  const arena: Arena = {
    memory,
    machine,
    residents: new Residents(memory, { name }),
    threads,
    start: Math.ceil((arenaBase ?? machine.heapBase) / 16) * 16,
    smallestRun: smallest.run,
    smallestCopy: smallest.copy ?? smallestWork.copy,
    profile,
    lifetime,
    loaded: undefined,
    running: false,
  };
  const parts = threads === 1 ? 1 : Math.min(mostThreads, sharesPerThread * threads);
  const target = wasmTarget({ threads, parts, allowReference, libraries });
  const encoding = { threads, parts, kernels: machine.kernels };
  const flags: PlanFlags = { ...defaultFlags, ...chosen };
  return {
    name,
    get threads() {
      return machine.report;
    },
    lost: lifetime.lost,
    compile: (program, { overwrite = false } = {}) => {
      lifetime.check("compile");
      const makePlan = (outside?: OutsideValues): Planned => {
        const plan = planProgram(program, target, flags, outside);
        return { plan, encoded: encodePlan(plan, encoding) };
      };
      return new PlanExecutable(makePlan, arena, name, { poison: flags.poison, overwrite });
    },
    synchronize: async () => lifetime.check("synchronize"),
    dispose: async () => {
      lifetime.dispose();
      arena.residents.evictAll();
      machine.stop();
    },
  };
}
