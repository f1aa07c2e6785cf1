import { runCli } from "../../src/cli/run.ts";
import type { FaultPoint } from "../../src/training/node/index.ts";
import { toyServices } from "./toy-services.ts";

/** `TOY_KILL=synced:3` kills the process, as a power cut would, when it passes that point for the third time. */
const [killAt, killCount = "1"] = (process.env.TOY_KILL ?? "").split(":");
let passed = 0;

function fault(point: FaultPoint): void {
  if (point !== killAt || ++passed < Number(killCount)) return;
  process.kill(process.pid, "SIGKILL");
  // The signal arrives soon, but not within this call.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
}

const services = toyServices(fault, Number(process.env.TOY_PAUSE ?? 0));
process.exitCode = await runCli(process.argv.slice(2), services);
