import type { LoadedLibrary } from "../libraries/library.ts";
import type { WasmMemory, WasmModule } from "../web-assembly.ts";

/** What a new thread needs to know. It can be posted to a worker. */
export interface ThreadStart {
  readonly module: WasmModule;
  /** Kernels beside the module's, in the order of their places in its table. */
  readonly libraries: readonly LoadedLibrary[];
  readonly memory: WasmMemory;
  /** 1 or more; the calling thread is 0. */
  readonly thread: number;
  /** Addresses of the control block. */
  readonly control: {
    readonly ready: number;
    readonly failure: number;
    readonly failureLength: number;
  };
  /** Longest sleep before looking again whether there is something to do. */
  readonly parkMilliseconds: number;
}

/**
 * A thread's whole life: waits for runs and does its share of each. Never returns. A worker of a page calls
 * it with the message that it gets; see {@link ThreadSource}.
 *
 * Its source text is handed to workers, so it must not use anything but its parameter.
 */
export function serveThread({
  module,
  libraries,
  memory,
  thread,
  control,
  parkMilliseconds,
}: ThreadStart): void {
  const words = new Int32Array(memory.buffer);
  // Not by the name exports: checkers of packages take a file with that word, and no import, for CommonJS.
  const { exports: machine } = new WebAssembly.Instance(module, {
    env: {
      memory,
      park: (address: number, value: number) => {
        Atomics.wait(words, address >>> 2, value, parkMilliseconds);
      },
      callHost: () => undefined,
      now: () => 0,
    },
  });
  const table = machine.table as WebAssembly.Table;
  for (const library of libraries) {
    const instance = new WebAssembly.Instance(library.module, {
      env: { memory },
    });
    for (const name of library.kernels) table.set(table.grow(1), instance.exports[name]);
  }
  const { runPlan, waitForRun, leaveRun, abortRun } = machine as Record<
    string,
    (argument?: number) => number
  >;
  // No run starts on several threads before all are ready.
  let run = 0;
  Atomics.add(words, control.ready >>> 2, 1);
  Atomics.notify(words, control.ready >>> 2);
  for (;;) {
    run = waitForRun(run);
    try {
      runPlan(thread);
    } catch (error) {
      if (abortRun(thread) !== 0) {
        const text = String(error instanceof Error ? error.message : error);
        const length = Math.min(text.length, control.failureLength);
        words[control.failure >>> 2] = length;
        const bytes = new Uint8Array(memory.buffer, control.failure + 4, length);
        for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i) & 127;
      }
    }
    leaveRun();
  }
}
