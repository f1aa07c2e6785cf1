import type { FaultPoint } from "../../src/training/node/index.ts";
import { pause } from "./pause.ts";

/** `KILL_AT=synced:3` kills the process, as a power cut would, when it passes that point for the third time. */
const [killAt, killCount = "1"] = (process.env.KILL_AT ?? "").split(":");
let passed = 0;

export function killAtFault(point: FaultPoint): void {
  if (point !== killAt || ++passed < Number(killCount)) return;
  process.kill(process.pid, "SIGKILL");
  // The signal arrives soon, but not within this call.
  pause(10_000);
}
