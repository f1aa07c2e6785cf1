/** Trains where the page's address says, and writes what the run told into an `output`. */
import { BackendError, type BackendName } from "reformax";
import { describeAdapter } from "reformax/backends/webgpu";
import { windowRun } from "./window-run.ts";
import { workerRun } from "./worker-run.ts";

/** Bundlers know a worker by this form. */
const startWorker = (): Worker =>
  new Worker(new URL("./training-worker.ts", import.meta.url), { type: "module" });

const query = new URLSearchParams(location.search);
const name = query.get("backend") as BackendName;

const write = (said: unknown): void => {
  const output = document.createElement("output");
  output.textContent = JSON.stringify(said);
  document.body.append(output);
};

async function answer(): Promise<unknown> {
  if (name === null) return describeAdapter();
  const text = await (await fetch("text.txt")).text();
  return query.get("where") === "worker"
    ? workerRun(startWorker(), text, name)
    : windowRun(text, name);
}

answer().then(write, (error: unknown) =>
  write({ error: String(error), isKnown: error instanceof BackendError }),
);
