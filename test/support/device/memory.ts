/** Buffers of words in a worker, by number. Messages arrive in order; reading waits for the answer. */
import { Worker } from "node:worker_threads";
import type { Words } from "../../../src/core/dtype.ts";

interface Answer {
  readonly request: number;
  readonly found: readonly (Int32Array | undefined)[];
  readonly held: number;
}

interface Request {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

export class DeviceMemory {
  readonly #worker = new Worker(new URL("./worker.mjs", import.meta.url));
  readonly #requests = new Map<number, Request>();
  #next = 0;
  #gone: Error | undefined;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (answer: Answer) => {
      this.#requests.get(answer.request)?.resolve(answer);
      this.#requests.delete(answer.request);
    });
    this.#worker.on("error", (error) => void this.end(error));
  }

  /** Writes a copy of the words as they are now into a new buffer. */
  write({ buffer, byteOffset, length }: Words): number {
    const id = this.#next++;
    this.#post({
      kind: "write",
      ids: [id],
      words: new Int32Array(buffer, byteOffset, length).slice(),
    });
    return id;
  }

  async read(ids: readonly number[]): Promise<readonly Int32Array[]> {
    const { found } = await this.#ask(ids);
    return found.map((words, i) => {
      if (words) return words;
      throw new Error(`buffer ${ids[i]} was freed, or never written`);
    });
  }

  /** How many buffers there are. */
  async held(): Promise<number> {
    return (await this.#ask([])).held;
  }

  free(ids: readonly number[]): void {
    this.#post({ kind: "free", ids });
  }

  /** Ends the worker: what waits for an answer, and whoever asks later, hears why. */
  async end(reason: Error): Promise<void> {
    this.#gone ??= reason;
    for (const { reject } of this.#requests.values()) reject(this.#gone);
    this.#requests.clear();
    await this.#worker.terminate();
  }

  #ask(ids: readonly number[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#gone) {
        reject(this.#gone);
        return;
      }
      const request = this.#next++;
      this.#requests.set(request, { resolve, reject });
      this.#post({ kind: "read", ids, request });
    });
  }

  #post(message: object): void {
    if (!this.#gone) this.#worker.postMessage(message);
  }
}
