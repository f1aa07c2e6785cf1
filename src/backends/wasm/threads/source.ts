import { checkOptions, checkPartsOf } from "../../../core/arguments.ts";
import type { Kind } from "../../../core/kinds.ts";
import { serveThread, type ThreadStart } from "./serve.ts";

/** A thread that was started. */
export interface ThreadHandle {
  stop(): void;
}

/** Where threads come from. */
export interface ThreadSource {
  /**
   * Makes a worker that calls {@link serveThread} with what it is given, and that does not keep the program from
   * ending. `lost` is to be called with the reason when the worker does not load, fails or ends.
   */
  readonly start: (start: ThreadStart, lost: (reason: string) => void) => ThreadHandle;
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
      readonly env: Record<string, never>;
    },
  ) => {
    unref(): void;
    on(event: "error", listener: (error: unknown) => void): unknown;
    on(event: "exit", listener: () => void): unknown;
    terminate(): unknown;
  };
}

/** Threads of Node, also in bun and Deno. */
export function nodeThreads(workerThreads: WorkerThreads): ThreadSource {
  const kinds = { Worker: "function" } as const;
  const { Worker } = checkPartsOf(workerThreads, kinds, "workerThreads", "nodeThreads");
  const code =
    `${keepNames} const { workerData } = require("node:worker_threads");` +
    `(${serveThread.toString()})(workerData);`;
  return {
    start: (start, lost) => {
      const worker = new Worker(code, {
        eval: true,
        workerData: start,
        execArgv: [],
        // A copy of the environment, which is the default, makes Deno ask its user.
        env: {},
      });
      worker.unref();
      worker.on("error", (error) => lost(`a worker failed: ${String(error)}`));
      worker.on("exit", () => lost("a worker ended"));
      return { stop: () => void worker.terminate() };
    },
  };
}

/** What is needed of a page's `Worker`. */
interface WebWorker {
  addEventListener(type: "error", listener: (event: WorkerFailure) => void): void;
  postMessage(message: unknown): void;
  terminate(): void;
}

interface WorkerFailure {
  readonly message?: string;
  preventDefault(): void;
}

const urlKind: Kind = {
  expected: "a text or a URL",
  is: (x) => typeof x === "string" || (typeof x === "object" && x !== null && "href" in x),
};

/** Where a page's workers come from. */
export interface WebWorkers {
  /** The address of a worker file of the page's origin, a module. */
  readonly url?: string | { readonly href: string };
  /** Makes a worker, written so that a bundler finds its file. */
  readonly create?: () => WebWorker;
}

/**
 * Web Workers: from a `Blob`, or from a worker file where the page's security policy forbids `blob:`. The package brings
 * such a file, `reformax/backends/wasm/worker`, which imports nothing.
 *
 * @example
 * import { webThreads } from "reformax/backends/wasm";
 * const threadSource = webThreads({ url: "/reformax/backends/wasm/worker.js" });
 * console.log(typeof threadSource.start); // => function
 */
export function webThreads(options: WebWorkers = {}): ThreadSource {
  const { url, create } = checkOptions(options, { url: urlKind, create: "function" }, "webThreads");
  const file = typeof url === "object" ? url.href : url;
  const make = create ?? (file === undefined ? fromBlob() : fromFile(file));
  const notLoaded =
    create === undefined && file === undefined
      ? "a worker from a blob: does not load: the page's Content-Security-Policy must allow worker-src blob:, " +
        "or name a worker file: threadSource: webThreads({ url })"
      : `the worker ${file ?? "file"} does not load: it must exist, be of the page's origin, be allowed by its ` +
        "Content-Security-Policy, and have its Cross-Origin-Embedder-Policy";
  return {
    start: (start, lost) => {
      const worker = make();
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        // Only a failure inside of a worker that has loaded comes with a message.
        lost(event.message ? `a worker failed: ${event.message}` : notLoaded);
      });
      worker.postMessage(start);
      return { stop: () => worker.terminate() };
    },
  };
}

const fromFile = (url: string) => (): WebWorker => new Worker(url, { type: "module" });

function fromBlob(): () => WebWorker {
  const code = `${keepNames} onmessage = ({ data }) => (${serveThread.toString()})(data);`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return () => new Worker(url);
}
