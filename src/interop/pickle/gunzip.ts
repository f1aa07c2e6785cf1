import { ReformaxError } from "../../core/errors.ts";
import { fault } from "./values.ts";

/** As many bytes as an array surely holds on every engine. */
const mostBytes = 2 ** 31 - 1;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The bytes that gzip packed; a file that grows beyond what is held is refused while it is read. */
export async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  if (typeof DecompressionStream !== "function") {
    throw new ReformaxError("this engine cannot unpack gzip", {
      where: "readPickle",
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
      throw fault("is damaged: gzip cannot unpack it", {
        got: error instanceof Error ? error.message : String(error),
      });
    });
    if (done) break;
    length += value.length;
    if (length > mostBytes) {
      await reader.cancel();
      throw fault("is too large", { expected: `at most ${mostBytes} bytes` });
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
