import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../edge/json.ts";
import { safetensors } from "../../interop/index.ts";
import {
  checkpointName,
  encodeManifest,
  manifestName,
  type FileRecord,
} from "../checkpoint/manifest.ts";
import {
  noFaults,
  syncFolder,
  temporaryName,
  writeSynced,
  type FaultHook,
} from "./atomic-write.ts";
import {
  configName,
  progressName,
  sha256,
  stateName,
  stepsIn,
  type Checkpoint,
} from "./checkpoint-files.ts";
import { withFile } from "../../interop/node/file-errors.ts";

/**
 * Writes `step-00000120/` into the run's folder and removes all but the newest `keep` up to this step. The directory
 * appears as a whole: files are written into a temporary one, forced to the disk, and it is renamed.
 *
 * @returns the path of the new checkpoint
 * @throws InputError when the folder is not writable or full; earlier checkpoints are intact then
 */
export function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  { keep = 3, fault = noFaults }: { readonly keep?: number; readonly fault?: FaultHook } = {},
): string {
  const name = checkpointName(checkpoint.step);
  const path = join(folder, name);
  const temporary = join(folder, temporaryName(name));
  withFile(folder, "create", () => mkdirSync(folder, { recursive: true }));
  removeLeftovers(folder);
  try {
    writeFiles(temporary, checkpoint, fault);
    fault("synced");
    replaceFolder(temporary, path, fault);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  syncFolder(folder);
  fault("renamed");
  prune(folder, checkpoint.step, keep);
  fault("pruned");
  return path;
}

function writeFiles(folder: string, checkpoint: Checkpoint, fault: FaultHook): void {
  withFile(folder, "create", () => mkdirSync(folder));
  const contents: Readonly<Record<string, Uint8Array>> = {
    [configName]: jsonBytes(checkpoint.config),
    [progressName]: jsonBytes(checkpoint.progress),
    [stateName]: safetensors.serialize(checkpoint.tensors),
  };
  const files: Record<string, FileRecord> = {};
  for (const [name, bytes] of Object.entries(contents)) {
    writeSynced(join(folder, name), bytes);
    files[name] = { bytes: bytes.length, sha256: sha256(bytes) };
    fault("temporary-written");
  }
  const manifest = encodeManifest({ step: checkpoint.step, files }, sha256);
  writeSynced(join(folder, manifestName), manifest);
  syncFolder(folder);
}

/** A checkpoint of the same step can only be a damaged one that training has come to again: it steps aside. */
function replaceFolder(temporary: string, path: string, fault: FaultHook): void {
  const aside = `${temporary}-replaced`;
  withFile(path, "write", () => {
    if (existsSync(path)) renameSync(path, aside);
    fault("between-renames");
    renameSync(temporary, path);
    rmSync(aside, { recursive: true, force: true });
  });
}

function removeLeftovers(folder: string): void {
  withFile(folder, "clean up", () => {
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(temporaryName("step-"))) continue;
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  });
}

/** Newer ones than the one just written are damaged leftovers: they must not push good ones out. */
function prune(folder: string, newest: number, keep: number): void {
  const old = stepsIn(folder).filter((step) => step <= newest);
  for (const step of old.slice(Math.max(1, keep))) {
    const path = join(folder, checkpointName(step));
    const aside = join(folder, temporaryName(checkpointName(step)));
    withFile(path, "remove", () => {
      renameSync(path, aside);
      rmSync(aside, { recursive: true, force: true });
    });
  }
}

const jsonBytes = (value: Json): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
