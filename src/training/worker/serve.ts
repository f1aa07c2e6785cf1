import { checkKinds, checkOptions, checkSomeOf } from "../../core/arguments.ts";
import { endKinds } from "./connect.ts";
import { errorMessage } from "./errors.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import type { MessageEnd } from "./port.ts";
import { TrainingServer } from "./server.ts";
import type { StartBackend } from "./prepare.ts";

export interface ServeOptions {
  /** Starts the back end that a run asks for, as in `({ threads }) => init("wasm", { threads })`. */
  readonly startBackend: StartBackend;
  /** Where requests come from; the worker's own scope when absent. */
  readonly port?: MessageEnd;
}

/**
 * Makes a worker train for the page that started it: all that its file has to do. The page's side is
 * {@link connectTraining}. One run at a time; the next may start once the last has ended.
 *
 * @example
 * import { init } from "reformax";
 * import { serveTraining } from "reformax/training/worker";
 * // In a worker's file no port is given: requests come to the worker itself.
 * const { port1: port, port2 } = new MessageChannel();
 * serveTraining({ startBackend: ({ threads }) => init("wasm", { threads }), port });
 * port2.close();
 */
export function serveTraining(options: ServeOptions): void {
  checkOptions(options, { startBackend: "function", port: "object" }, "serveTraining");
  const { startBackend, port = globalEnd() } = options;
  checkKinds({ startBackend: [startBackend, "function"] }, "serveTraining");
  checkSomeOf(port, endKinds, "port", "serveTraining");
  const send = (message: FromWorker, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  const server = new TrainingServer(startBackend, send);
  port.addEventListener("message", ({ data }) => {
    const message = data as ToWorker;
    const { id } = message;
    server.answer(message).then(
      (reply) => send({ kind: "reply", id, reply }, bytesIn(reply)),
      (error: unknown) => send({ kind: "failure", id, error: errorMessage(error) }),
    );
  });
  port.start?.();
}

/** Bytes change hands without being copied. */
const bytesIn = (reply: unknown): ArrayBuffer[] =>
  reply instanceof Uint8Array && reply.buffer instanceof ArrayBuffer ? [reply.buffer] : [];

/** The scope of a worker is one end of its channel. */
const globalEnd = (): MessageEnd => globalThis as unknown as MessageEnd;
