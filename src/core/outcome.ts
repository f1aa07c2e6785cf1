/**
 * Whether what computes a value on a device goes well. Nobody knows when the value is handed out, so it is asked when
 * somebody reads. The results of one run share one outcome.
 */
export class Outcome {
  /** Undefined when nothing can go wrong any more. */
  #pending: Promise<unknown> | undefined;

  /** @param conditions what it depends on: outcomes of inputs first, as the first failure is the one that is told */
  constructor(conditions: readonly (Promise<unknown> | undefined)[] = []) {
    for (const condition of conditions) if (condition) this.require(condition);
  }

  /** What still may fail, for outcomes that depend on this one; its rejection is never unhandled. */
  get pending(): Promise<unknown> | undefined {
    return this.#pending;
  }

  /** Makes it depend on one condition more: reads reject with the error of the first that fails. */
  require(condition: Promise<unknown>): void {
    // Told to those who read; a value that nobody reads is nobody's failure.
    condition.catch(() => undefined);
    const all = this.#pending?.then(() => condition) ?? condition;
    this.#pending = all;
    // A chain of runs must not keep the promises of those that are done.
    const forget = (): void => {
      if (this.#pending === all) this.#pending = undefined;
    };
    all.then(forget, () => undefined);
  }

  /** Resolves when all went well, and rejects with the first failure. */
  async settled(): Promise<void> {
    await this.#pending;
  }
}
