import { connectTraining, type RemoteRun, type RunStep } from "reformax/training/worker";
import { configuration } from "../configuration.mjs";
import type { State } from "../state/state.ts";
import type { Store } from "../state/store.ts";
import { observe } from "./observe.ts";
import { openTrainer, type Trainer } from "./trainer.ts";

/** What the visitor can do with the run. */
export interface Controller {
  start(): void;
  pause(): void;
  resume(): void;
  stop(): void;
}

/** Drives the run, in a worker mostly, and writes what it tells into the store. */
export function createController(store: Store): Controller {
  let trainer: Trainer | undefined;
  let run: RemoteRun | undefined;

  const fail = (error: unknown): void =>
    store.update(() => ({
      phase: "failed",
      error: error instanceof Error ? error.message : String(error),
    }));

  const start = async (): Promise<void> => {
    // A worker of its own for every run: the memory of the one before is gone with it.
    trainer?.close();
    const { text, threads, backend, place } = store.get();
    store.update(() => ({ ...beginning, learned: text }));
    trainer = await openTrainer(place);
    run = await connectTraining(trainer.end).start({
      config: configuration,
      text,
      backend,
      // A page that is not isolated computes on one thread whatever is asked for, and the run says why.
      threads: crossOriginIsolated ? threads : undefined,
      hashAt: [__NODE__.steps],
    });
    const { facts } = run;
    store.update(() => ({ facts, phase: "running" }));
    const look = observe(run, store);
    for await (const step of run) {
      store.update((state) => afterStep(state, step));
      look(step.step);
    }
    store.update(() => ({ phase: "stopped" }));
  };

  return {
    start: () => void start().catch(fail),
    pause: () => {
      store.update(() => ({ phase: "paused" }));
      run?.pause().catch(fail);
    },
    resume: () => {
      store.update(() => ({ phase: "running" }));
      run?.resume().catch(fail);
    },
    stop: () => void run?.stop().catch(fail),
  };
}

/** The state of a run that has told nothing yet. */
const beginning = {
  phase: "starting",
  error: null,
  facts: null,
  steps: [],
  reopened: null,
  written: [],
  inspected: null,
  pointed: null,
  hash: null,
} as const satisfies Partial<State>;

/** Where a lost device was opened anew, some steps are told again. */
const afterStep = ({ steps, hash, reopened }: State, step: RunStep): Partial<State> => ({
  steps: [...(step.reopened ? steps.filter((told) => told.step < step.step) : steps), step],
  hash: step.parameterHash ?? hash,
  reopened: step.reopened ?? reopened,
});
