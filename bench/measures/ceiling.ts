import { Worker } from "node:worker_threads";
import { hasRelaxedArithmetic, type Arithmetic } from "../../src/backends/wasm/index.ts";
import { flopsPerIteration, loopModule } from "../ceiling/loop.ts";
import { median } from "../command.ts";

export interface CeilingParameters {
  readonly arithmetic: Arithmetic;
  readonly threads: number;
  /** Slices of some milliseconds; their median counts. */
  readonly slices: number;
}

const iterations = 400_000;

/** What a worker does: wait for the start, then time slices. Plain JavaScript, because no bundle reaches it. */
const workerSource = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { module, iterations, slices } = workerData;
  const { run } = new WebAssembly.Instance(module).exports;
  for (let i = 0; i < 5; i++) run(iterations);
  parentPort.postMessage("ready");
  parentPort.once("message", () => {
    const times = Array.from({ length: slices }, () => {
      const begin = performance.now();
      run(iterations);
      return performance.now() - begin;
    });
    parentPort.postMessage(times);
  });
`;

/** GFLOP/s of vector arithmetic that all threads together do when nothing else is asked of them. */
export async function measureCeiling({
  arithmetic,
  threads,
  slices,
}: CeilingParameters): Promise<number> {
  if (arithmetic === "relaxed" && !hasRelaxedArithmetic()) throw new Error("no relaxed arithmetic");
  const module = new WebAssembly.Module(loopModule(arithmetic));
  const workerData = { module, iterations, slices };
  const workers = Array.from(
    { length: threads },
    () => new Worker(workerSource, { eval: true, workerData }),
  );
  await Promise.all(workers.map((worker) => nextMessage(worker)));
  const all = workers.map((worker) => nextMessage(worker));
  for (const worker of workers) worker.postMessage("start");
  const times = (await Promise.all(all)) as readonly (readonly number[])[];
  await Promise.all(workers.map((worker) => worker.terminate()));
  return times.reduce(
    (sum, slices) => sum + (iterations * flopsPerIteration) / median(slices) / 1e6,
    0,
  );
}

const nextMessage = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
