import { checkKinds, checkOptions } from "../../core/arguments.ts";
import { checkCheckpoint } from "../kinds.ts";
import { lstatSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withFile } from "../../edge/node/file-errors.ts";
import { makeFolder } from "../../edge/node/make-folder.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { checkpointName } from "../checkpoint/manifest.ts";
import { prepareToStore } from "../checkpoint/store-options.ts";
import {
  noFaults,
  syncFolder,
  temporaryName,
  type FaultHook,
} from "../../edge/node/atomic-write.ts";
import { stepsIn } from "./checkpoint-files.ts";
import { writeFolder } from "./write-folder.ts";

/**
 * Writes `step-00000120/` into the run's folder and removes all but the newest `keep` up to this step. The directory
 * appears as a whole: files are written into a temporary one, forced to the disk, and it is renamed.
 *
 * @returns the path of the new checkpoint
 * @throws InputError when the folder is not writable or full; earlier checkpoints are intact then. NonFiniteError when a
 * value is not finite: such a state is never saved
 */
export function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint<object>,
  options: { readonly keep?: number; readonly fault?: FaultHook } = {},
): string {
  const where = "saveCheckpoint";
  checkKinds({ folder: [folder, "path"] }, where);
  checkCheckpoint(checkpoint, where);
  checkOptions(options, { keep: "size", fault: "function" }, where);
  const { keep = 3, fault = noFaults } = options;
  const stored = prepareToStore(checkpoint);
  const name = checkpointName(checkpoint.step);
  const path = join(folder, name);
  const temporary = join(folder, temporaryName(name));
  makeFolder(folder);
  removeLeftovers(folder);
  try {
    writeFolder(temporary, stored, { fault });
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

/**
 * A checkpoint of the same step can only be a damaged one that training has come to again: it steps aside. So does whatever
 * else has its name, a link to nowhere too.
 */
function replaceFolder(temporary: string, path: string, fault: FaultHook): void {
  const aside = `${temporary}-replaced`;
  withFile(path, "write", () => {
    if (lstatSync(path, { throwIfNoEntry: false })) renameSync(path, aside);
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
