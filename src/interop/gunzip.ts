import { checkKind } from "../core/arguments.ts";
import { ReformaxError } from "../core/errors.ts";
import { inputError, problemsIn, type Validated } from "../edge/problem.ts";

/** As many bytes as an array surely holds on every engine. */
const mostBytes = 2 ** 31 - 1;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The bytes that gzip packed; a file that grows beyond what is held is refused while it is read.
 *
 * @param where - the function that was called
 */
async function gunzip(bytes: Uint8Array, where: string): Promise<Uint8Array> {
  if (typeof DecompressionStream !== "function") {
    throw new ReformaxError("this engine cannot unpack gzip", {
      where,
      expected: "an engine with DecompressionStream",
      fix: "Unpack the file first.",
    });
  }
  const stream = new Blob([new Uint8Array(bytes)])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      const got = error instanceof Error ? error.message : String(error);
      throw inputError({ where: "file", problem: "is damaged: gzip cannot unpack it", got });
    });
    if (done) break;
    length += value.length;
    if (length > mostBytes) {
      await reader.cancel();
      const expected = `at most ${mostBytes} bytes`;
      throw inputError({ where: "file", problem: "is too large", expected });
    }
    pieces.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/**
 * What `parse` makes of a file's bytes, which gzip packed or not.
 *
 * @param where - the function that was called
 */
export async function readPacked<A>(
  bytes: Uint8Array,
  where: string,
  parse: (file: Uint8Array) => Validated<A>,
): Promise<Validated<A>> {
  const file = checkKind(bytes, "bytes", "the file", where);
  try {
    return parse(isGzip(file) ? await gunzip(file, where) : file);
  } catch (error) {
    return problemsIn(error);
  }
}
