import { BackendError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Program } from "./program.ts";

/** What compiling a program tells: everything is known before it runs. */
export interface ExecutableReport {
  readonly backend: string;
  /** Readable listing of the compiled steps. */
  readonly plan: string;
  readonly flops: number;
  /** Bytes read and written by the steps. */
  readonly bytes: number;
  /** Largest number of arena bytes in use at once, inputs and outputs included. */
  readonly peakBytes: number;
  /**
   * Those of them that inputs and results take which stay in the arena from one call to the next; as calls show what
   * comes again, this may become more, and what remains of the peak less. Absent where nothing ever stays.
   */
  readonly residentBytes?: number;
  /** Largest number of bytes of off-loaded values that wait outside of the arena at once. */
  readonly hostBytes: number;
  /** The largest values alive at the peak, by user name. */
  readonly largest: readonly { readonly name: string; readonly bytes: number }[];
  /** What will work, but badly, in words; absent where there is nothing to say. */
  readonly warnings?: readonly string[];
}

/** A compiled program. */
export interface Executable {
  readonly report: ExecutableReport;
  /**
   * Runs it, or starts running it: results on a device are handed out before they are computed. What
   * goes wrong later rejects the reads of what depends on it, with an error that names `where` and the step; runs see
   * their inputs as they are at the call.
   *
   * Inputs of other places are brought over; a backend that computes at once refuses those that
   * cannot be read at once. Inputs are intact afterwards, except that the storage of `donated` ones may be
   * reused for results after success; a run that throws leaves all of them intact, unless the program was compiled to overwrite them.
   */
  run(inputs: readonly Tensor[], donated: readonly boolean[], where: string): readonly Tensor[];
}

/** On how many threads a backend computes; their number never changes a bit of a result. */
export interface ThreadReport {
  /** The most threads that a run gets, the caller's included. */
  readonly count: number;
  /** Why there are fewer than were asked for, or than the machine has cores for. */
  readonly reason?: string;
}

/** Why a backend cannot be used any more. */
export interface BackendLoss {
  /** `disposed`: somebody wanted it so. */
  readonly reason: "disposed" | "failed";
  readonly message: string;
}

/** What a device sets a limit to. */
export interface DeviceLimits {
  /** Most bytes of a buffer, hence of the memory that a program plans with. */
  readonly maxBufferBytes: number;
}

/** How a program is going to be run. */
export interface CompileOptions {
  /** Donated inputs may be overwritten in the course of a run: one that fails may have destroyed them, and then says so when they are read. */
  readonly overwrite?: boolean;
}

export interface Backend {
  readonly name: string;
  /** As it is now: a thread that is lost while the backend is in use leaves one thread, and a reason. */
  readonly threads: ThreadReport;
  /** Of the device that it computes on; absent where that is the host. */
  readonly device?: DeviceLimits;
  /** Why it is not the one that was wanted first: told by `init("auto")`. */
  readonly fallback?: string;
  /** Resolves when the backend is lost or disposed of, and never rejects; uses of it after that are BackendErrors. */
  readonly lost: Promise<BackendLoss>;
  /**
   * Measures how kernels are best cut on this device, takes that for all programs that are compiled from now on, and tells it as JSON; or takes
   * what was told before. Results are the same. Undefined where nothing was measured; absent where there is nothing to choose.
   */
  tune?(known?: object): Promise<object | undefined>;
  compile(program: Program, options?: CompileOptions): Executable;
  /**
   * Resolves when all that was started is done. Rejects when the backend is lost, and with the
   * first failure since the last call, of which readers of results hear too.
   */
  synchronize(): Promise<void>;
  /** Frees what it holds, threads and memory, once what was started is done. May be called again. */
  dispose(): Promise<void>;
}

let selected: Backend | undefined;

/** Chooses the backend of all calls from now on; none, when there is no other after one is disposed of. */
export function setBackend(backend: Backend | undefined): void {
  selected = backend;
}

/** The chosen backend, if there is one. */
export const selectedBackend = (): Backend | undefined => selected;

/** @throws BackendError when none is chosen */
export function currentBackend(): Backend {
  if (!selected) {
    throw new BackendError("no backend is selected", {
      fix: "Call `await init()` from reformax first.",
    });
  }
  return selected;
}
