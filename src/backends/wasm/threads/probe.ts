import { opcode } from "../../../plan/index.ts";
import { Machine } from "../machine.ts";
import { ArenaMemory } from "../memory.ts";
import { chooseThreads } from "./count.ts";
import { threadsFromEnvironment, threadSupport } from "./support.ts";

/** How many threads a run gets on this engine. */
export interface ThreadProbe {
  readonly threads: number;
  /** Why there are not more; absent where one is all that was asked for or that the machine has. */
  readonly reason?: string;
}

/**
 * Starts as many threads as a backend would, lets them run a plan without steps, and ends them.
 *
 * @throws BackendError when REFORMAX_THREADS is no number of threads
 */
export async function probeThreads(): Promise<ThreadProbe> {
  const { cores, source, reason } = threadSupport();
  const threads = chooseThreads(undefined, threadsFromEnvironment(), cores);
  if (threads === 1) return { threads };
  if (!source) return { threads: 1, reason };
  const memory = new ArenaMemory(true);
  const machine = await Machine.create(memory, { threads, source, smallestSplit: 0, spins: 0 });
  const code = Math.ceil(machine.heapBase / 16) * 16;
  const tableBytes = 64;
  const tables = code + tableBytes;
  memory.reserve(tables + threads * tableBytes, "probeThreads");
  memory.write(code, Int32Array.of(opcode.return, 2));
  const host = (): void => undefined;
  machine.run({ code, start: 0, frame: 0, constants: 0, tables, tableBytes, threads, host });
  const { lastThreads, threadlessReason } = machine;
  machine.stop();
  return { threads: lastThreads, reason: threadlessReason };
}
