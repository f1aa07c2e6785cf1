import { serveThread, type ThreadStart } from "./serve.ts";

/** A thread that was started. */
export interface ThreadHandle {
  stop(): void;
}

/**
 * Where threads come from. `start` makes a worker that calls {@link serveThread} with what it is given;
 * the worker must not keep the program from ending.
 */
export interface ThreadSource {
  readonly start: (start: ThreadStart) => ThreadHandle;
  /** Whether workers start while the thread that made them waits, as in Node, but not in pages. */
  readonly startsWhileBlocked: boolean;
}

/** Bundlers that keep names wrap functions in a helper of this name. */
const keepNames = "const __name = (f) => f;";

/** What is needed of Node's module `worker_threads`, which a page cannot name. */
interface WorkerThreads {
  readonly Worker: new (
    code: string,
    options: {
      readonly eval: true;
      readonly workerData: ThreadStart;
      readonly execArgv: string[];
    },
  ) => {
    unref(): void;
    on(event: "error", listener: () => void): unknown;
    terminate(): unknown;
  };
}

/** Threads of Node, also in bun. */
export function nodeThreads({ Worker }: WorkerThreads): ThreadSource {
  const code =
    `${keepNames} const { workerData } = require("node:worker_threads");` +
    `(${serveThread.toString()})(workerData);`;
  return {
    startsWhileBlocked: true,
    start: (start) => {
      const worker = new Worker(code, { eval: true, workerData: start, execArgv: [] });
      worker.unref();
      // Without a listener an error would end the program; a thread that is missing is noticed anyway.
      worker.on("error", () => undefined);
      return { stop: () => void worker.terminate() };
    },
  };
}

/**
 * Web Workers, from a `Blob`. A page whose security policy forbids that passes a source of its own: a worker
 * file that imports {@link serveThread} and calls it with the message.
 */
export function webThreads(): ThreadSource {
  const code = `${keepNames} onmessage = ({ data }) => (${serveThread.toString()})(data);`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return {
    startsWhileBlocked: false,
    start: (start) => {
      const worker = new Worker(url);
      worker.postMessage(start);
      return { stop: () => worker.terminate() };
    },
  };
}
