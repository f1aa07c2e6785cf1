import type { RunEnd, RunStep } from "./messages.ts";

/** Steps that have arrived and those that are waited for: one reader, any number of steps ahead of it. */
export class StepQueue {
  readonly #arrived: RunStep[] = [];
  #end: RunEnd | undefined;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  push(step: RunStep): void {
    this.#arrived.push(step);
    this.#wake();
  }

  finish(end: RunEnd): void {
    this.#end = end;
    this.#wake();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#wake();
  }

  get isOver(): boolean {
    return this.#end !== undefined || this.#error !== undefined;
  }

  /** All steps until the run ends; then how it ended, or the error that it ended with. */
  async *read(): AsyncGenerator<RunStep, RunEnd, void> {
    for (;;) {
      const step = this.#arrived.shift();
      if (step) {
        yield step;
        continue;
      }
      if (this.#error) throw this.#error;
      if (this.#end) return this.#end;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
