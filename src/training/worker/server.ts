import { ReformaxError } from "../../core/errors.ts";
import { breathe } from "../hooks.ts";
import { errorMessage } from "./errors.ts";
import type { CallName, Calls, RunEnd, RunMessage, StartRequest, ToWorker } from "./messages.ts";
import type { StartBackend } from "./prepare.ts";
import { openSession, type Session } from "./session.ts";

/** A run, under way or over: what its parameters are can be asked even then. */
interface Running {
  readonly session: Session;
  /** How it ended; null where it broke, which was told already. */
  readonly end: Promise<RunEnd | null>;
}

/** Answers what a page asks for, and tells it what its run does. */
export class TrainingServer {
  readonly #startBackend: StartBackend;
  readonly #tell: (message: RunMessage) => void;
  #running: Running | undefined;
  #busy = false;

  constructor(startBackend: StartBackend, tell: (message: RunMessage) => void) {
    this.#startBackend = startBackend;
    this.#tell = tell;
  }

  async answer(message: ToWorker): Promise<Calls[CallName]["reply"]> {
    const { kind } = message;
    switch (kind) {
      case "start":
        return this.#start(message.id, message.request);
      case "pause":
        this.#find(kind).session.pause();
        return null;
      case "resume":
        this.#find(kind).session.resume();
        return null;
      case "stop":
        this.#find(kind).session.stop();
        return this.#find(kind).end;
      case "generate":
        return this.#find(kind).session.generate(message.request);
      case "inspect":
        return this.#find(kind).session.inspect(message.request);
      case "checkpoint":
        return this.#find(kind).session.checkpoint();
      default:
        throw new ReformaxError("there is no such request", {
          where: "serveTraining",
          got: String(kind satisfies never),
        });
    }
  }

  async #start(run: number, request: StartRequest): Promise<Calls["start"]["reply"]> {
    if (this.#busy) {
      throw new ReformaxError("this worker has a run already", {
        where: "start",
        fix: "Stop that first, or connect to another worker.",
      });
    }
    this.#busy = true;
    try {
      const session = await openSession(request, this.#startBackend);
      this.#running = { session, end: this.#run(run, session) };
      return session.facts;
    } catch (error) {
      this.#busy = false;
      throw error;
    }
  }

  async #run(run: number, session: Session): Promise<RunEnd | null> {
    // The answer to `start` goes out before the first step keeps this thread.
    await breathe();
    try {
      const end = await session.run((step) => this.#tell({ kind: "step", run, step }));
      this.#tell({ kind: "end", run, end });
      return end;
    } catch (error) {
      this.#tell({ kind: "broken", run, error: errorMessage(error) });
      return null;
    } finally {
      this.#busy = false;
    }
  }

  #find(where: CallName): Running {
    if (this.#running) return this.#running;
    throw new ReformaxError("there is no run", { where, fix: "Start one first." });
  }
}
