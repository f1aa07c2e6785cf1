import { checkArithmetic, type Arithmetic } from "./arithmetic.ts";
import { checkEngine } from "./engine.ts";
import { recipes } from "./calls/index.ts";
import type { KernelLibrary } from "./libraries/library.ts";
import { checkNames } from "./libraries/names.ts";
import { Machine, type Faults } from "./machine.ts";
import { ArenaMemory } from "./memory.ts";
import { chooseThreads } from "./threads/count.ts";
import type { ThreadSource } from "./threads/source.ts";
import { threadsFromEnvironment, threadSupport } from "./threads/support.ts";

/** What a caller may wish of a machine. */
export interface MachineWishes {
  readonly arithmetic?: Arithmetic;
  readonly threads?: number;
  readonly threadSource?: ThreadSource;
  readonly libraries?: readonly KernelLibrary[];
  readonly smallestSplit: number;
  readonly faults?: () => Faults;
}

/** Some 500 us of looking; a thread that has no core of its own had better sleep. */
const spinsOf = (threads: number, cores: number): number => (threads > cores ? 200 : 500_000);

/** A machine as the caller wishes and the engine allows, with the memory that it works on; its threads wait for runs. */
export async function startMachine({
  arithmetic = "strict",
  threads: wanted,
  threadSource,
  libraries = [],
  ...others
}: MachineWishes): Promise<{ readonly machine: Machine; readonly memory: ArenaMemory }> {
  checkEngine();
  checkArithmetic(arithmetic);
  checkNames(libraries, Object.keys(recipes), (own) => Object.keys(own.recipes), "a recipe for");
  const { cores, source, reason } = threadSupport(threadSource);
  const threads = chooseThreads(wanted, threadsFromEnvironment, cores);
  const shared = threads > 1 && source !== undefined;
  const memory = new ArenaMemory(shared);
  const spins = spinsOf(threads, cores);
  const options = { ...others, libraries, arithmetic, threads, source, threadless: reason, spins };
  return { memory, machine: await Machine.create(memory, options) };
}
