import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { withFile } from "../edge/node/file-errors.ts";
import { readRegularFile } from "../edge/node/read-file.ts";
import { metricsLine, metricsUpTo } from "../training/log.ts";
import { writeAtomically, type FaultHook } from "../training/node/index.ts";

export const metricsName = "metrics.jsonl";

/** Appends to the run's log. Lines behind `step`, which the run is about to write again, are taken out first. */
export function openMetrics(
  folder: string,
  step: number,
  fault: FaultHook,
): (record: { readonly step: number }) => void {
  const path = join(folder, metricsName);
  const before = existsSync(path) ? new TextDecoder().decode(readRegularFile(path)) : "";
  const kept = step > 0 ? metricsUpTo(before, step) : "";
  if (kept !== before) writeAtomically(path, new TextEncoder().encode(kept), fault);
  return (record) => {
    withFile(path, "write", () => {
      appendFileSync(path, metricsLine(record));
    });
  };
}
