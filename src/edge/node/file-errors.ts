import { InputError, inputError } from "../problem.ts";

/** What the operating system's error codes mean to somebody who started a training run. */
const meanings: Readonly<Record<string, readonly [problem: string, fix?: string]>> = {
  ENOENT: ["does not exist"],
  EACCES: ["permission denied", "Choose a place that you may use."],
  EPERM: ["permission denied", "Choose a place that you may use."],
  EROFS: ["the file system is read-only", "Choose another place."],
  ENOSPC: ["no space left on the device", "Free some space or choose another place."],
  EDQUOT: ["the disk quota is used up", "Free some space or choose another place."],
  EFBIG: ["the file is too large for the file system"],
  ENOTDIR: ["a part of the path is a file, not a folder"],
  EISDIR: ["is a folder, not a file"],
  EEXIST: ["exists already"],
  ENOTEMPTY: ["the folder is not empty"],
  EIO: ["the device reports an input or output error"],
  EMFILE: ["too many open files"],
  ELOOP: ["the path is a loop of links"],
  ENAMETOOLONG: ["the name is too long"],
};

/** Runs a file operation; a failure of the operating system becomes an {@link InputError} that names the path. */
export function withFile<A>(path: string, doing: string, operation: () => A): A {
  try {
    return operation();
  } catch (error) {
    throw toInputError(error, path, doing);
  }
}

/** What an error code of the operating system means, in words. */
export const meaningOf = (code: string): string | undefined =>
  Object.hasOwn(meanings, code) ? meanings[code][0] : undefined;

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;

function toInputError(error: unknown, path: string, doing: string): unknown {
  if (isTooLargeToHold(error)) {
    return inputError({
      where: path,
      problem: `cannot ${doing}: there is not enough memory for it`,
    });
  }
  const code = codeOf(error);
  if (error instanceof InputError || code === undefined) return error;
  const reason = error instanceof Error ? error.message : code;
  const [problem, fix] = meanings[code] ?? [reason];
  return inputError({ where: path, problem: `cannot ${doing}: ${problem}`, fix });
}

/** Engines say in several words that an array is too long for them or for the machine. */
const isTooLargeToHold = (error: unknown): boolean =>
  error instanceof RangeError &&
  /allocation failed|array length|buffer larger/i.test(error.message);
