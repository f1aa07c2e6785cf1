import { BackendError, BackendLostError } from "../core/errors.ts";
import type { BackendLoss } from "./backend.ts";

/** Whether a backend can still be used: what every backend answers alike. */
export class Lifetime {
  readonly lost: Promise<BackendLoss>;
  readonly #name: string;
  #loss: BackendLoss | undefined;
  #tell: (loss: BackendLoss) => void = () => undefined;

  /** @param name of the backend, for messages */
  constructor(name: string) {
    this.#name = name;
    this.lost = new Promise((resolve) => (this.#tell = resolve));
  }

  /** Ends it; only the first time counts. */
  end(loss: BackendLoss): void {
    this.#loss ??= loss;
    this.#tell(this.#loss);
  }

  /** Ends it because somebody wants it so. */
  dispose(): void {
    this.end({ reason: "disposed", message: "it was disposed of" });
  }

  /**
   * @param where the call that uses the backend
   * @throws BackendError when it has ended
   */
  check(where: string): void {
    if (this.#loss) throw this.error(where, this.#loss);
  }

  /** What those hear who use it afterwards, or wait for it. */
  error(where: string, { reason, message }: BackendLoss): BackendError {
    const Lost = reason === "disposed" ? BackendError : BackendLostError;
    return new Lost(`the backend ${this.#name} is gone: ${message}`, {
      where,
      fix:
        reason === "disposed"
          ? "Choose another one first: `await init()`."
          : "Start anew with `await init()`, from what is on the host, such as a checkpoint.",
    });
  }
}
