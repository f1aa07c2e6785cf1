import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../edge/json.ts";
import { withFile } from "../interop/node/file-errors.ts";
import { orThrow, within } from "../edge/problem.ts";
import { metricsLine, metricsUpTo, type MetricsRecord } from "../training/metrics.ts";
import {
  parseTrainConfig,
  tensorsOf,
  treeFrom,
  type RunKeys,
  type TrainableModel,
  type TrainConfig,
} from "../training/index.ts";
import { writeAtomically, type Checkpoint, type FaultHook } from "../training/node/index.ts";

/** What a checkpoint's tensors are, besides the model's own state. */
interface Saved {
  /** u32[2]: the key that all random choices of the run are derived from. */
  readonly key: RunKeys["base"];
  readonly state: unknown;
}

export const checkpointOf = (
  config: TrainConfig,
  progress: Json,
  step: number,
  saved: Saved,
): Checkpoint => ({ step, config: toJson(config), progress, tensors: tensorsOf(saved) });

/** A configuration as the JSON that {@link parseTrainConfig} reads. */
export const toJson = (config: TrainConfig): Json => JSON.parse(JSON.stringify(config)) as Json;

export const configOf = (checkpoint: Checkpoint): TrainConfig =>
  orThrow(within("checkpoint: ")(parseTrainConfig(checkpoint.config)));

/**
 * The model's state in a checkpoint.
 *
 * @throws InputError naming every tensor that is missing, superfluous or misshapen
 */
export function stateOf(checkpoint: Checkpoint, model: TrainableModel, keys: RunKeys): unknown {
  const template: Saved = { key: keys.base, state: model.init(keys.initial) };
  return orThrow(within("checkpoint: ")(treeFrom(template, checkpoint.tensors))).state;
}

const metricsName = "metrics.jsonl";

/** Appends to the run's log. Lines behind `step`, which the run is about to write again, are taken out first. */
export function openMetrics(
  folder: string,
  step: number,
  fault: FaultHook,
): (record: MetricsRecord) => void {
  const path = join(folder, metricsName);
  const before = withFile(path, "read", () => (existsSync(path) ? readFileSync(path, "utf8") : ""));
  const kept = step > 0 ? metricsUpTo(before, step) : "";
  if (kept !== before) writeAtomically(path, new TextEncoder().encode(kept), fault);
  return (record) => {
    withFile(path, "write", () => {
      appendFileSync(path, metricsLine(record));
    });
  };
}
