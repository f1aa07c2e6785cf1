/**
 * One thing at a time, in the order of asking: a step of the run, or a question about its state, which the next step would
 * overwrite.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

/** Stands open, or holds back whoever comes. */
export class Gate {
  #closed: Promise<void> | undefined;
  #open: () => void = () => undefined;

  close(): void {
    this.#closed ??= new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
    this.#closed = undefined;
  }

  async pass(): Promise<void> {
    await this.#closed;
  }
}
