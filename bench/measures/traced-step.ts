import { init } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import type { Program } from "../../src/ir/program.ts";
import type { ModelSettings } from "../models.ts";
import { observed } from "./observed.ts";
import { startTraining, stepName } from "./training.ts";

/** The program of a training step, which is not run. */
export async function tracedStep(settings: ModelSettings): Promise<Program> {
  const backend = observed(await init("wasm", { threads: 1 }), false);
  setBackend(backend);
  startTraining(settings).step();
  const step = backend.seen.get(stepName);
  if (!step) throw new Error("no training step was compiled");
  return step.program;
}
