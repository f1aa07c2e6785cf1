import { BackendError } from "../../core/errors.ts";
import { errorFrom } from "./errors.ts";
import type { CallName, Calls, FromWorker, RunMessage } from "./messages.ts";
import type { WorkerEnd } from "./port.ts";

interface Waiting {
  readonly resolve: (reply: never) => void;
  readonly reject: (error: Error) => void;
}

/** A call that was sent, and its number. */
export interface Sent<Name extends CallName> {
  readonly id: number;
  readonly reply: Promise<Calls[Name]["reply"]>;
}

/** Calls of a worker by messages: each answer finds who asked. */
export class WorkerCalls {
  readonly #worker: WorkerEnd;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** @param onLost - the worker will not answer any more */
  constructor(
    worker: WorkerEnd,
    onRunMessage: (message: RunMessage) => void,
    onLost: (error: Error) => void,
  ) {
    this.#worker = worker;
    const lose = (got: string): void => {
      const error = new BackendError("the worker failed", { where: "connectTraining", got });
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
      onLost(error);
    };
    worker.addEventListener("message", ({ data }) => {
      const message = data as FromWorker;
      if (message.kind === "reply") {
        this.#take(message.id)?.resolve(message.reply as never);
      } else if (message.kind === "failure") {
        this.#take(message.id)?.reject(errorFrom(message.error));
      } else {
        onRunMessage(message);
      }
    });
    worker.addEventListener("error", ({ message }) => lose(message ?? "its file does not load"));
    worker.addEventListener("messageerror", () => lose("a message that cannot be read"));
    worker.start?.();
  }

  send<Name extends CallName>(kind: Name, request: Calls[Name]["request"]): Sent<Name> {
    const id = ++this.#lastId;
    const reply = new Promise<Calls[Name]["reply"]>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#worker.postMessage({ kind, id, request }, []);
    return { id, reply };
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
