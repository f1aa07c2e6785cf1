import { BackendError } from "../../../core/errors.ts";
import { control } from "../constants/control.ts";
import { opcode } from "../constants/opcodes.ts";

/** Longest sleep of a thread before it looks again: bounds the harm of a wake-up that got lost. */
export const parkMilliseconds = 1000;

/**
 * How long the caller waits for a thread, in milliseconds: one that need only walk on comes soon, one that does a share
 * gets time for its work besides, some thousand times what it takes on a core of its own.
 */
const patience = { walk: 2000, unitOfWork: 1e-3, most: 120_000 } as const;

/**
 * How the calling thread waits for the others once looking was in vain: it sleeps, and gives up a thread that does not
 * answer. The window of a page may not sleep, and goes on looking.
 */
export function callerPark(memory: WebAssembly.Memory): (address: number, value: number) => void {
  const words = new Int32Array(memory.buffer);
  let wait = "";
  let waited = 0;
  let last = 0;
  return (address, value) => {
    const now = performance.now();
    const current = [address, value, ...progress.map((word) => words[word >>> 2])].join(" ");
    // A program that was stopped as a whole for a while has not waited.
    waited = current === wait ? waited + Math.min(now - last, parkMilliseconds) : 0;
    wait = current;
    last = now;
    const busy = address === control.done || words[control.abort >>> 2] !== 0;
    const limit = patience.walk + (busy ? patience.unitOfWork * shareOfWork(words) : 0);
    if (waited >= Math.min(limit, patience.most)) throw new ThreadsLost();
    if (canSleep()) Atomics.wait(words, address >>> 2, value, parkMilliseconds);
  };
}

/** These change from one wait to the next one at the same word. */
const progress = [control.run, control.ticket, control.ticket + 4];

/** Work of one share of the step that the caller is at; 0 at steps that are not shared. */
function shareOfWork(words: Int32Array): number {
  const step = (words[control.code >>> 2] >>> 2) + words[control.currentSteps >>> 2];
  const [code, , work, shares] = words.subarray(step, step + 4);
  return code >= opcode.firstKernel ? work / Math.max(shares, 1) : 0;
}

const canSleep = (): boolean => typeof document === "undefined";

/** The threads do not answer. */
export class ThreadsLost extends BackendError {
  override readonly name: string = "ThreadsLost";
  constructor() {
    super("a thread of this run does not answer any more", {
      fix: "Later runs of this backend have one thread. Has somebody ended its workers?",
    });
  }
}
