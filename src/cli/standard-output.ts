import { codeOf, meaningOf } from "../edge/node/file-errors.ts";
import { exitCodes } from "./exit-codes.ts";

/** Standard output took no more: its reader went away, or the disk behind it is full. */
export interface OutputEnd {
  /** What happened, for a reader. */
  readonly message: string;
  /** What a command that still had something to say ends with. */
  readonly exitCode: number;
  /** A reader that has seen enough (`reformax generate | head`) is no error where nothing is lost. */
  readonly closed: boolean;
}

/** 128 + the number of SIGPIPE, as shells expect. */
const closedCode = 141;

/** Errors of a pipe, a socket or a terminal whose other side is gone. */
const closedErrors = new Set(["EPIPE", "EIO", "ECONNRESET", "ENOTCONN", "EBADF"]);

let ended: OutputEnd | undefined;
let listener: (end: OutputEnd) => void = leave;

/** Nothing is lost but words. */
function leave({ closed, message, exitCode }: OutputEnd): void {
  if (!closed) console.error(`reformax: ${message}`);
  process.exit(closed ? exitCodes.success : exitCode);
}

/** For the program to call once: from then on, a failure to write is noticed, and ends it unless somebody else listens. */
export function watchStandardOutput(): void {
  process.stdout.on("error", (error) => {
    if (ended !== undefined) return;
    ended = endOf(error);
    listener(ended);
  });
  // Standard error often goes the same way; there is nobody left to tell.
  process.stderr.on("error", () => undefined);
}

function endOf(error: Error): OutputEnd {
  const code = codeOf(error) ?? "";
  return closedErrors.has(code)
    ? { message: "standard output was closed", exitCode: closedCode, closed: true }
    : {
        message: `cannot write to standard output: ${meaningOf(code) ?? error.message}`,
        exitCode: exitCodes.failure,
        closed: false,
      };
}

/** Takes over what happens when standard output ends; the result gives it back. */
export function onOutputEnd(listen: (end: OutputEnd) => void): () => void {
  listener = listen;
  if (ended !== undefined) listen(ended);
  return () => {
    listener = leave;
  };
}

/** Waits until what was written is out, or known to be lost. */
export async function flushOutput(): Promise<void> {
  if (ended !== undefined) return;
  await new Promise<void>((resolve) => {
    process.stdout.write("", () => {
      // The error's own event comes after the callback.
      setImmediate(resolve);
    });
  });
}
