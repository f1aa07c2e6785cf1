import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { inputError, type InputError } from "../problem.ts";
import { withFile } from "./file-errors.ts";

/** As many bytes as an array surely holds on every engine. */
const defaultMost = 2 ** 31;

/** Pages of memory: files of `/proc` do not say how long they are. */
const pieceBytes = 2 ** 16;

/** System calls read less than 2 GiB at a time. */
const largestRead = 2 ** 30;

export interface ReadFileOptions {
  /** Bytes that are too many: default 2 GiB. */
  readonly most?: number;
  /** For messages: `cannot read the configuration`. */
  readonly doing?: string;
  /** What to do about a file that is too large. */
  readonly fix?: string;
}

/**
 * The bytes of a regular file. Anything else is refused: a pipe is waited for, and a device read, for ever.
 *
 * @throws InputError when it is no file, cannot be read, or has more than `most` bytes
 */
export function readRegularFile(
  path: string,
  { most = defaultMost, doing = "read", fix }: ReadFileOptions = {},
): Uint8Array {
  return withFile(path, doing, () => {
    // Without blocking: opening a pipe would wait for its writer.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const about = fstatSync(file);
      if (!about.isFile()) {
        throw inputError({
          where: path,
          problem: `cannot ${doing}: is ${nameOf(about)}, not a file`,
        });
      }
      if (about.size > most) throw tooLarge(path, most, String(about.size), fix);
      if (about.size > 0) return readSized(file, about.size);
      return readToEnd(file, most, () => tooLarge(path, most, "more", fix));
    } finally {
      closeSync(file);
    }
  });
}

export const tooLarge = (where: string, most: number, got: string, fix?: string): InputError =>
  inputError({ where, problem: "is too large", expected: `at most ${most} bytes`, got, fix });

function nameOf(about: Stats): string {
  if (about.isDirectory()) return "a folder";
  if (about.isFIFO()) return "a pipe";
  if (about.isSocket()) return "a socket";
  return "a device";
}

/** Shorter where the file was cut meanwhile; what was appended meanwhile is left out. */
function readSized(file: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const count = readSync(file, bytes, done, Math.min(size - done, largestRead), null);
    if (count === 0) return bytes.slice(0, done);
    done += count;
  }
  return bytes;
}

/** Everything up to the end of a stream of unknown length; `refuse` says what is wrong with more than `most` bytes. */
export function readToEnd(file: number, most: number, refuse: () => Error): Uint8Array {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const piece = new Uint8Array(pieceBytes);
    const count = readSync(file, piece, 0, pieceBytes, null);
    if (count === 0) return joinBytes(pieces);
    total += count;
    if (total > most) throw refuse();
    pieces.push(piece.subarray(0, count));
  }
}

/** The parts in a row. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    joined.set(part, end);
    end += part.length;
  }
  return joined;
}
