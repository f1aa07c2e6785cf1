import { readdirSync, statSync } from "node:fs";
import { inputError } from "../problem.ts";
import { withFile } from "./file-errors.ts";

/** A folder's sorted names, and what tells it from every other folder. */
export interface Listing {
  readonly names: readonly string[];
  readonly identity: string;
}

/**
 * What lies in a folder, or undefined where `path` is none.
 *
 * @param within - identities of the folders that led here
 * @throws InputError when it cannot be read, or is one of those: a walk would never end
 */
export function listFolder(
  path: string,
  within: readonly string[],
  doing: string,
): Listing | undefined {
  const about = withFile(path, doing, () => statSync(path, { bigint: true }));
  if (!about.isDirectory()) return undefined;
  const identity = `${about.dev}:${about.ino}`;
  if (within.includes(identity)) {
    throw inputError({
      where: path,
      problem: `cannot ${doing}: is a link to a folder that it lies in`,
      fix: "Remove the link, or name another folder.",
    });
  }
  const names = withFile(path, doing, () => readdirSync(path));
  return { names: names.sort((a, b) => (a < b ? -1 : 1)), identity };
}
