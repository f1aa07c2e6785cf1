import { checkKinds, checkOptions } from "../../core/arguments.ts";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { inputError } from "../../edge/problem.ts";
import { codeOf, withFile } from "../../edge/node/file-errors.ts";
import { listFolder } from "../../edge/node/list-folder.ts";
import { joinBytes, readRegularFile, readToEnd, tooLarge } from "../../edge/node/read-file.ts";

export interface ReadDataOptions {
  /** Bytes, decompressed and in all files together, beyond which reading stops with an error. Default: 2 GiB. */
  readonly most?: number;
}

/** Data, and how many files they came from. */
export interface DataRead {
  readonly bytes: Uint8Array;
  readonly files: number;
}

/** 2 GiB: what every engine holds in one array. */
export const defaultMostData = 2 ** 31;

const raise = "Name fewer or smaller files, or raise the limit (--max-data).";

/** The name that stands for standard input. */
const standardInput = "-";

/**
 * The bytes of a file, of a `.gz` file decompressed, or of all files below a folder joined in the order of their
 * names (hidden ones left out); of standard input for the path `-`. Pipes, devices and loops of links are refused.
 *
 * @throws InputError when it is missing, unreadable, empty, larger than `most`, no regular file, or damaged gzip
 */
export const readData = (path: string, options: ReadDataOptions = {}): Uint8Array =>
  readDataFiles(path, options).bytes;

/**
 * {@link readData}, which also says how many files it read.
 *
 * @throws InputError as readData
 */
export function readDataFiles(path: string, options: ReadDataOptions = {}): DataRead {
  checkKinds({ path: [path, "path"] }, "readData");
  const { most = defaultMostData } = checkOptions(options, { most: "count" }, "readData");
  const parts = path === standardInput ? [readStandardInput(most)] : readFiles(path, most);
  const bytes = parts.length === 1 ? parts[0] : joinBytes(parts);
  if (bytes.length > 0) return { bytes, files: parts.length };
  const problem = parts.length === 0 ? "the folder holds no files" : "holds no bytes";
  throw inputError({ where: path, problem, fix: "Name a file or folder with text to learn." });
}

function readFiles(path: string, most: number): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (const file of filesBelow(path, [])) {
    const part = readPart(file, most);
    total += part.length;
    if (total > most) throw tooLarge(path, most, "more", raise);
    parts.push(part);
  }
  return parts;
}

/** @param within - identities of the folders that lead here */
function filesBelow(path: string, within: readonly string[]): readonly string[] {
  const listing = listFolder(path, within, "read data");
  if (listing === undefined) return [path];
  return listing.names
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => filesBelow(join(path, name), [...within, listing.identity]));
}

function readPart(path: string, most: number): Uint8Array {
  const bytes = readRegularFile(path, { most, doing: "read data", fix: raise });
  if (!path.endsWith(".gz")) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    const code = codeOf(error);
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(path, most, "more, decompressed", raise);
    if (code === undefined) throw error;
    const got = error instanceof Error ? error.message : String(error);
    throw inputError({ where: path, problem: "is not a complete gzip file", got });
  }
}

const readStandardInput = (most: number): Uint8Array =>
  withFile("standard input", "read data", () =>
    readToEnd(0, most, () => tooLarge("standard input", most, "more", raise)),
  );
