import { checkPartsOf } from "../../../core/arguments.ts";
import { globals } from "../globals.ts";
import { nodeThreads, webThreads, type ThreadSource } from "./source.ts";

/** What this engine has for computing on several threads. */
export interface ThreadSupport {
  /** Cores that this program may use. */
  readonly cores: number;
  /** Where threads come from; absent with a reason. */
  readonly source?: ThreadSource;
  readonly reason?: string;
}

/**
 * Looks at the engine; starts nothing.
 * @param own where threads come from instead, if they can share memory
 */
export function threadSupport(own?: ThreadSource): ThreadSupport {
  if (own !== undefined) checkPartsOf(own, { start: "function" }, "own", "threadSupport");
  // Asked for at run time, so that the same file loads in a page.
  const os = globals.process?.getBuiltinModule?.("node:os");
  const workers = globals.process?.getBuiltinModule?.("node:worker_threads");
  const cores = os?.availableParallelism() ?? globals.navigator?.hardwareConcurrency ?? 1;
  const isolated = globals.crossOriginIsolated ?? true;
  if (globals.SharedArrayBuffer === undefined || !isolated) {
    const reason =
      "no shared memory: a page needs cross-origin isolation (the headers " +
      "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp)";
    return { cores, reason };
  }
  if (own) return { cores, source: own };
  if (workers) return { cores, source: nodeThreads(workers) };
  if (globals.process?.versions?.node !== undefined) {
    return { cores, reason: "this Node has no process.getBuiltinModule: use 20.16, 22.3 or later" };
  }
  if (globals.Worker === undefined || globals.Blob === undefined) {
    return { cores, reason: "no workers" };
  }
  return { cores, source: webThreads() };
}

/** The variable of the environment that says how many threads to use. */
export const threadsVariable = "REFORMAX_THREADS";

/** Its value, where there is an environment that may be read: Deno asks its user, who may say no. */
export function threadsFromEnvironment(): string | undefined {
  try {
    return globals.process?.env?.[threadsVariable];
  } catch {
    return undefined;
  }
}
