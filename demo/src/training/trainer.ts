import type { WorkerEnd } from "reformax/training/worker";
import type { Place } from "../state/state.ts";

/** Who trains, and how that ends. */
export interface Trainer {
  readonly end: WorkerEnd;
  close(): void;
}

export async function openTrainer(place: Place): Promise<Trainer> {
  if (place === "worker") {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    return { end: worker, close: () => worker.terminate() };
  }
  const { serveInPage } = await import("./page.ts");
  const { port1, port2 } = new MessageChannel();
  serveInPage(port2);
  return { end: port1, close: () => port1.close() };
}
