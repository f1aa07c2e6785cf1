/**
 * What a backend has to do, in the order in which it was asked. Work that can be handed to the device at once is; behind work that waits
 * for the host it waits too.
 */
export class Schedule {
  #tail: Promise<void> | undefined;

  /** Whether something waits for the host. */
  get isWaiting(): boolean {
    return this.#tail !== undefined;
  }

  /**
   * Carries out `work` when everything before it was. What it throws, or rejects with, comes back, at once if it is
   * carried out at once.
   */
  add(work: () => Promise<void> | void): Promise<void> | undefined {
    if (!this.#tail) {
      const pending = work();
      if (!pending) return undefined;
      return this.#append(pending);
    }
    return this.#append(this.#tail.then(work));
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#tail) await this.#tail;
  }

  #append(pending: Promise<void>): Promise<void> {
    // What comes next is not kept by what fails: who depends on it hears of it by its outcome.
    const tail = pending.then(
      () => undefined,
      () => undefined,
    );
    this.#tail = tail;
    void tail.then(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    return pending;
  }
}
