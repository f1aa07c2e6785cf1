import { checkKind, checkKinds } from "../../core/arguments.ts";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { withFile } from "../../edge/node/file-errors.ts";
import { stepOfName } from "../checkpoint/manifest.ts";

export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256")
    .update(checkKind(bytes, "bytes", "bytes", "sha256"))
    .digest("hex");

/** Steps of the checkpoints in a folder, newest first, whether they are intact or not. */
export function stepsIn(folder: string): readonly number[] {
  checkKinds({ folder: [folder, "path"] }, "stepsIn");
  if (!existsSync(folder)) return [];
  return withFile(folder, "read", () => readdirSync(folder))
    .map(stepOfName)
    .filter((step) => step !== undefined)
    .sort((a, b) => b - a);
}

/** Whether a path names a checkpoint that is a single file. */
export const isCheckpointFile = (path: string): boolean => path.endsWith(".safetensors");
