import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { InputError, inputError } from "../../edge/problem.ts";
import { codeOf, withFile } from "../../interop/node/file-errors.ts";

/**
 * The bytes of a file, of a `.gz` file decompressed, or of all files below a folder joined in the order of their
 * names (hidden ones left out).
 *
 * @throws InputError when it is missing, unreadable, empty, or damaged gzip
 */
export function readData(path: string): Uint8Array {
  const parts = filesBelow(path).map(readPart);
  const bytes = parts.length === 1 ? parts[0] : concatenate(parts);
  if (bytes.length > 0) return bytes;
  const problem = parts.length === 0 ? "the folder holds no files" : "holds no bytes";
  throw inputError({ where: path, problem, fix: "Name a file or folder with text to learn." });
}

function filesBelow(path: string): readonly string[] {
  const isFolder = withFile(path, "read data", () => statSync(path).isDirectory());
  if (!isFolder) return [path];
  const names = withFile(path, "read data", () => readdirSync(path));
  return names
    .filter((name) => !name.startsWith("."))
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => filesBelow(join(path, name)));
}

function readPart(path: string): Uint8Array {
  const bytes = withFile(path, "read data", () => readFileSync(path));
  if (!path.endsWith(".gz")) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    if (error instanceof InputError || codeOf(error) === undefined) throw error;
    const got = error instanceof Error ? error.message : String(error);
    throw inputError({ where: path, problem: "is not a complete gzip file", got });
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    joined.set(part, end);
    end += part.length;
  }
  return joined;
}
