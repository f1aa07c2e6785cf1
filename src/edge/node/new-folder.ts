import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { inputError } from "../problem.ts";
import { noFaults, syncFolder, temporaryName, type FaultHook } from "./atomic-write.ts";
import { withFile } from "./file-errors.ts";

/** @throws InputError where there is something of this name */
export function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  const fix = "Choose another name: nothing is overwritten.";
  throw inputError({ where: path, problem: "exists already", fix });
}

/**
 * Makes a new folder, which has its name only once all of it is on the disk.
 *
 * @param fill - writes what it holds into the folder that it is given
 * @throws InputError where there is something of this name, or the place cannot be written; nothing is left then
 */
export function makeNewFolder(
  folder: string,
  fill: (temporary: string) => void,
  fault: FaultHook = noFaults,
): void {
  refuseExisting(folder);
  const path = resolve(folder);
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    withFile(folder, "create", () => {
      rmSync(temporary, { recursive: true, force: true });
      mkdirSync(temporary);
    });
    fill(temporary);
    syncFolder(temporary);
    fault("synced");
    // The last moment before the folder takes its name.
    refuseExisting(folder);
    withFile(folder, "write", () => {
      renameSync(temporary, path);
    });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  syncFolder(dirname(path));
  fault("renamed");
}
