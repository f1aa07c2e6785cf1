import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../core/version.ts";
import { withFile } from "../../edge/node/file-errors.ts";
import type { SerializeOptions } from "../../interop/safetensors/serialize.ts";
import type { StoredCheckpoint } from "../checkpoint/checkpoint.ts";
import { encodeFolder } from "../checkpoint/folder.ts";
import { manifestName } from "../checkpoint/manifest.ts";
import { syncFolder, writeSynced, type FaultHook } from "../../edge/node/atomic-write.ts";
import { sha256 } from "./checkpoint-files.ts";

/** Writes the files of a checkpoint into a folder that does not exist yet, each forced to the disk. */
export function writeFolder(
  folder: string,
  stored: StoredCheckpoint,
  { floats, fault }: SerializeOptions & { readonly fault: FaultHook },
): void {
  withFile(folder, "create", () => mkdirSync(folder));
  for (const [name, bytes] of encodeFolder(stored, { writer: version, digest: sha256, floats })) {
    writeSynced(join(folder, name), bytes);
    if (name !== manifestName) fault("temporary-written");
  }
  syncFolder(folder);
}
