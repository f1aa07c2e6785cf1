import { checkOptions } from "../../../core/arguments.ts";
import type { ThreadReport } from "../../../ir/backend.ts";
import { startMachine, type MachineWishes } from "../start.ts";

/**
 * How many threads a backend would get on this engine, and why not more: starts them, and ends them again.
 *
 * @throws BackendError when the number asked for is none, or the engine cannot run the kernels
 * @example
 * import { probeThreads } from "reformax/backends/wasm";
 * const { count } = await probeThreads({ threads: 1 });
 * console.log(count); // => 1
 */
export async function probeThreads(
  wishes: Pick<MachineWishes, "threads" | "threadSource"> = {},
): Promise<ThreadReport> {
  checkOptions(wishes, { threads: "any", threadSource: "object" }, "probeThreads");
  const { machine } = await startMachine({ ...wishes, smallestSplit: 0 });
  const report = machine.report;
  machine.stop();
  return report;
}
