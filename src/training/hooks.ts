import type { KindsOf } from "../core/arguments.ts";
import type { BackendLostError } from "../core/errors.ts";
import type { TrainStart } from "./start.ts";

/**
 * The effects of a run: everything that is not arithmetic comes through here. Each has a default.
 */
export interface TrainHooks<State> {
  /** Milliseconds of a clock that never goes back. Default: `performance.now`. */
  readonly now: () => number;
  /** The most memory the process has held. Default: none, and records leave it out. */
  readonly peakMemoryBytes?: () => number;
  /**
   * Lets the program handle events (signals, messages, painting) between steps.
   * Default: {@link breathe}.
   */
  readonly breathe: () => Promise<void>;
  /**
   * Makes the state after `step` steps durable. The state is finite: it was looked at before.
   * Default: none.
   */
  readonly save?: (state: State, step: number) => void | Promise<void>;
  /**
   * Called when the backend is lost in the middle of the run, the first time: starts another one, as with `init`, and
   * gives the point to go on from, such as the last checkpoint. Steps behind that point are told again. Default: the
   * run ends with the error, as it does at a second loss.
   */
  readonly reopen?: (lost: BackendLostError) => Promise<TrainStart<State>>;
}

export const hookKinds: KindsOf<TrainHooks<unknown>> = {
  now: "function",
  peakMemoryBytes: "function",
  breathe: "function",
  save: "function",
  reopen: "function",
};

/**
 * Resolves after the event loop has had a turn: what waits in it (signals, messages, a page's
 * painting) comes first. In pages and workers a message does it, because timers wait at least 4 ms
 * there once they follow each other.
 *
 * @example
 * import { breathe } from "reformax/training";
 * let ticked = false;
 * setTimeout(() => { ticked = true; }, 0);
 * while (!ticked) await breathe();
 * console.log(ticked); // => true
 */
export const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else if (typeof MessageChannel === "function") sendMessage(resolve);
    else setTimeout(resolve, 0);
  });

function sendMessage(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
}

/** The hooks with a default in the place of each that is absent. */
export const withDefaults = <State>(hooks: Partial<TrainHooks<State>>): TrainHooks<State> => ({
  ...hooks,
  now: hooks.now ?? (() => performance.now()),
  breathe: hooks.breathe ?? breathe,
});
