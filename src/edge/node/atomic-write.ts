import { checkKinds } from "../../core/arguments.ts";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { withFile } from "./file-errors.ts";

/**
 * Places where a crash is survived, in the order in which they are passed. Tests stop the process there.
 * `between-renames` lies after the old directory stepped aside and before the new one took its name.
 */
export type FaultPoint = "temporary-written" | "synced" | "between-renames" | "renamed" | "pruned";

/** Called at every fault point; the default does nothing. */
export type FaultHook = (point: FaultPoint) => void;

export const noFaults: FaultHook = () => undefined;

/** Names that begin with a dot belong to writes in progress: readers ignore them. */
export const temporaryName = (name: string): string => `.tmp-${name}`;

/** Writes a file that must not exist yet and forces it to the disk. */
export function writeSynced(path: string, bytes: Uint8Array): void {
  withFile(path, "write", () => {
    const file = openSync(path, "w");
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/** Forces a folder's entries to the disk: without it a rename may be lost. */
export function syncFolder(path: string): void {
  withFile(path, "sync", () => {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  });
}

/**
 * Replaces a file as a whole: at every moment, and after a crash, the name holds either the old or the new contents.
 *
 * @throws InputError when the place is not writable or full; the old file is intact then
 */
export function writeAtomically(
  path: string,
  bytes: Uint8Array,
  fault: FaultHook = noFaults,
): void {
  checkKinds(
    { path: [path, "path"], bytes: [bytes, "bytes"], fault: [fault, "function"] },
    "writeAtomically",
  );
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    writeSynced(temporary, bytes);
    fault("synced");
    withFile(path, "write", () => {
      renameSync(temporary, path);
    });
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
  fault("renamed");
}
