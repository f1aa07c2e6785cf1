/** What a page or its worker is asked to do, and what it says. */
import { init } from "reformax";
import { sin, zeros } from "reformax/numpy";
import { probeThreads, webThreads, type WasmOptions } from "reformax/backends/wasm";
import { trainingRun } from "../training-run.ts";

export interface Question {
  /** What to do: the golden run; to see how many threads there would be; to compute when a worker has been ended. */
  readonly task: "train" | "probe" | "lose";
  readonly options: WasmOptions;
  /** A file that threads' workers load. */
  readonly workerFile?: string;
}

/** Does it; an error becomes its name and message. */
export async function answer({ task, options: given, workerFile }: Question): Promise<unknown> {
  const threadSource =
    workerFile === undefined
      ? undefined
      : webThreads({ url: new URL(workerFile, import.meta.url) });
  const options = { ...given, threadSource };
  try {
    if (task === "probe") return await probeThreads(options);
    if (task === "lose") return await computeAlone(options);
    const text = await fetch(new URL("text.txt", import.meta.url));
    const { parameters, threads, report } = await trainingRun(await text.bytes(), options);
    return { parameters, threads, report };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.name, message: error.message };
  }
}

/** Computes on two threads, one of which somebody has ended; an error says so, and then computes again. */
async function computeAlone(options: WasmOptions): Promise<unknown> {
  const workers: Worker[] = [];
  const create = (): Worker => {
    const worker = new Worker(new URL("./reformax/dist/backends/wasm/worker.js", import.meta.url), {
      type: "module",
    });
    workers.push(worker);
    return worker;
  };
  const backend = await init("wasm", { ...options, threadSource: webThreads({ create }) });
  const before = backend.threads;
  for (const worker of workers) worker.terminate();
  // Chromium lets a worker run on for two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const begin = performance.now();
  let problem: unknown;
  try {
    sin(zeros([1000]));
  } catch (error) {
    problem = String(error);
  }
  const soon = performance.now() - begin < 10_000;
  return { before, problem, soon, after: backend.threads, value: sin(zeros([1])).toArray() };
}
