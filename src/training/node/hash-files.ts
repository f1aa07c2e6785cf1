import { checkKinds } from "../../core/arguments.ts";
import {
  closeSync,
  ftruncateSync,
  fstatSync,
  openSync,
  readSync,
  writeSync,
  existsSync,
} from "node:fs";
import { withFile } from "../../edge/node/file-errors.ts";
import { inputError, orThrow } from "../../edge/problem.ts";
import type { HashBuckets } from "../../reformer/models/hash-buckets.ts";
import { encodeHashes, headerLine, type HashOwner } from "../hashes/format.ts";
import { checkOwner, hashesOf, indexHashes, type ReadAt } from "../hashes/hash-index.ts";

/** Where the buckets of each step are written. */
export interface HashRecorder {
  readonly record: (step: number, buckets: HashBuckets) => void;
  /** Takes what was recorded of `step` and later steps out: a run goes on from there. */
  readonly rewind: (step: number) => void;
  readonly close: () => void;
}

/** Where the buckets of each step are read. */
export interface HashPlayer {
  readonly replay: (step: number) => HashBuckets;
  readonly close: () => void;
}

/**
 * Writes the hashes of a run from `step` on into a file: a new one, unless `step` is that of a run that goes on.
 *
 * @param of - what decides which hashes there are, and does not depend on the machine
 * @throws InputError when there is a file already and the run is new, or it holds the hashes of another run
 */
export function recordHashes(path: string, of: HashOwner, step: number): HashRecorder {
  checkKinds({ path: [path, "path"], of: [of, "object"], step: [step, "count"] }, "recordHashes");
  const goesOn = step > 0 && existsSync(path);
  const file = withFile(path, "write", () => openSync(path, goesOn ? "r+" : "wx+"));
  let end = 0;
  const append = (parts: readonly Uint8Array[]): void =>
    withFile(path, "write", () => {
      for (const bytes of parts) end += writeAll(file, bytes, end);
    });
  const rewind = (to: number): void => {
    const read = readerOf(path, file);
    const index = orThrow(indexHashes(read, sizeOf(path, file), path));
    end = index.records.find(({ record }) => record.step >= to)?.line ?? index.end;
    withFile(path, "write", () => ftruncateSync(file, end));
  };
  try {
    if (goesOn) {
      const index = orThrow(indexHashes(readerOf(path, file), sizeOf(path, file), path));
      orThrow(checkOwner(index.of, of, path));
      rewind(step);
    } else append([headerLine(of)]);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return {
    record: (at, buckets) => {
      checkKinds({ step: [at, "count"], buckets: [buckets, "list"] }, "record");
      append(encodeHashes(at, buckets));
    },
    rewind: (to) => {
      checkKinds({ step: [to, "count"] }, "rewind");
      rewind(to);
    },
    close: () => closeSync(file),
  };
}

/**
 * Reads the hashes that {@link recordHashes} has written, a step at a time.
 *
 * @throws InputError when the file is none of those, or holds the hashes of another run
 */
export function playHashes(path: string, of: HashOwner): HashPlayer {
  checkKinds({ path: [path, "path"], of: [of, "object"] }, "playHashes");
  const file = withFile(path, "read", () => openSync(path, "r"));
  try {
    if (!withFile(path, "read", () => fstatSync(file)).isFile()) {
      throw inputError({ where: path, problem: "cannot read: is not a file" });
    }
    const read = readerOf(path, file);
    const index = orThrow(indexHashes(read, sizeOf(path, file), path));
    orThrow(checkOwner(index.of, of, path));
    return {
      replay: (step) => {
        checkKinds({ step: [step, "count"] }, "replay");
        return hashesOf(index, read, step, path);
      },
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

const sizeOf = (path: string, file: number): number =>
  withFile(path, "read", () => fstatSync(file).size);

const readerOf =
  (path: string, file: number): ReadAt =>
  (at, length) =>
    withFile(path, "read", () => {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const count = readSync(file, bytes, done, length - done, at + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    });

function writeAll(file: number, bytes: Uint8Array, at: number): number {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
  }
  return done;
}
