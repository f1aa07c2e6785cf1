import { createWasmBackend } from "../../src/backends/wasm/index.ts";
import { wasmTarget } from "../../src/backends/wasm/target.ts";
import { selectedBackend, setBackend } from "../../src/ir/backend.ts";
import { planProgram } from "../../src/plan/index.ts";
import type { Numbers } from "../frame/experiment.ts";
import { liveBytes } from "./live-bytes.ts";
import { stepOf } from "./plan-step.ts";
import type { Case, MemorySettings } from "./settings.ts";

/** Parts of a step's work. */
export const parts = 60;

/**
 * Planned memory over a step, `live 0` up to `live 59`, and `grown`: the memory that the process takes more when a backend that is new runs the step
 * once, as the system counts it.
 */
export async function overTime(settings: MemorySettings, what: Case): Promise<Numbers> {
  const { program, report } = stepOf(settings, what).lower();
  const plan = planProgram(program, wasmTarget({ allowReference: false, threads: 1, parts: 1 }));
  const live = liveBytes(plan, parts);
  return {
    ...Object.fromEntries(live.map((bytes, part) => [`live ${part}`, bytes])),
    peak: report.peakBytes,
    grown: await grownBy(settings, what),
  };
}

/** What a backend of its own, which has run nothing yet, makes the process grow by. */
async function grownBy(settings: MemorySettings, what: Case): Promise<number> {
  const before = selectedBackend();
  const own = await createWasmBackend({ threads: 1 });
  setBackend(own);
  try {
    const { lower, run } = stepOf(settings, what);
    lower();
    const resident = process.memoryUsage.rss();
    await run();
    return process.memoryUsage.rss() - resident;
  } finally {
    setBackend(before);
    await own.dispose();
  }
}
