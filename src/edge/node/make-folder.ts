import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { inputError } from "../problem.ts";
import { codeOf, withFile } from "./file-errors.ts";

/**
 * Makes a folder and those that it lies in. One by one: Node's own recursion never ends where a file system makes no
 * folders (`/proc/x`).
 *
 * @returns the folders that were not there, from the outermost
 * @throws InputError when one cannot be made, or `path` is no folder
 */
export function makeFolder(path: string): readonly string[] {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) {
    missing.unshift(at);
  }
  for (const folder of missing) withFile(path, "create", () => makeOne(folder, path));
  if (!withFile(path, "create", () => statSync(path).isDirectory())) {
    throw inputError({ where: path, problem: "cannot create: is a file, not a folder" });
  }
  return missing;
}

function makeOne(folder: string, path: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else made it meanwhile.
    if (codeOf(error) === "EEXIST" && existsSync(folder)) return;
    if (codeOf(error) !== "ENOENT") throw error;
    throw inputError({
      where: path,
      problem: "cannot create: this file system makes no folders",
      got: folder,
      fix: "Choose another place.",
    });
  }
}
