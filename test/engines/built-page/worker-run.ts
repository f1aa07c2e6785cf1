import type { BackendName } from "reformax";
import { connectTraining, type WorkerEnd } from "reformax/training/worker";
import { choices, steps, type Told } from "./small-run.ts";

/** Trains in a worker that serves. */
export async function workerRun(
  worker: WorkerEnd,
  text: string,
  backend: BackendName,
): Promise<Told> {
  const run = await connectTraining(worker).start({ config: choices, text, steps, backend });
  const losses: number[] = [];
  for await (const { metrics } of run) losses.push(metrics.bitsPerByte ?? NaN);
  const { name, fallback } = run.facts.backend;
  return { backend: name, fallback, losses };
}
