import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import type { Tensor } from "../../core/tensor.ts";
import type { Json } from "../../edge/json.ts";
import { stepOfName } from "../checkpoint/manifest.ts";
import { withFile } from "../../interop/node/file-errors.ts";

/** Everything that a run needs to go on, bit for bit. */
export interface Checkpoint {
  readonly step: number;
  /** The complete configuration, as JSON. */
  readonly config: Json;
  /** Where the run stands in its data: what it was trained on, without paths. */
  readonly progress: Json;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export const configName = "config.json";
export const progressName = "progress.json";
export const stateName = "state.safetensors";

export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** Steps of the checkpoints in a folder, newest first, whether they are intact or not. */
export function stepsIn(folder: string): readonly number[] {
  if (!existsSync(folder)) return [];
  return withFile(folder, "read", () => readdirSync(folder))
    .map(stepOfName)
    .filter((step) => step !== undefined)
    .sort((a, b) => b - a);
}
