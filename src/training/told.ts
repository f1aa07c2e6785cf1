import { isDeviceStorage } from "../core/storage.ts";
import { Tensor } from "../core/tensor.ts";
import { moveToHost } from "../core/to-host.ts";
import * as tree from "../core/tree.ts";
import type { TrainHooks } from "./hooks.ts";
import { readNumbers } from "./task/read-numbers.ts";
import type { Numbers, Task } from "./task/task.ts";

/** A step that was started, and of which nothing is told yet. */
export interface StartedStep {
  readonly step: number;
  /** When it was started. */
  readonly began: number;
  /** The read of its metrics, under way. */
  readonly metrics: Promise<unknown>;
  /** Whether that takes a while: they are on a device. */
  readonly isLate: boolean;
}

/** What a record holds of every task. */
export interface RecordFacts {
  /** Number of updates so far, this one included. */
  readonly step: number;
  /** Absent where nobody knows. */
  readonly peakMemoryBytes?: number;
}

/**
 * A step whose metrics are being read: one read, begun before any other step can take their storage over.
 *
 * @param own - what the step has made, and nobody else needs: what of it is on a device is freed with the read
 */
export function startedStep(
  step: number,
  began: number,
  metrics: unknown,
  own: ReadonlySet<unknown>,
): StartedStep {
  const isLate = tree
    .leaves(metrics)
    .some((leaf) => leaf instanceof Tensor && isDeviceStorage(leaf.storage));
  const read = moveToHost(metrics, own);
  // Told to whoever reads the record; where a run is left before, to nobody.
  read.catch(() => undefined);
  return { step, began, metrics: read, isLate };
}

/**
 * Gives the record of each step that was started, in their order: waits for its metrics, and lets the task judge them.
 *
 * @returns a function that rejects where a step went wrong
 */
export function teller<State, Values extends object, Measured extends object>(
  task: Task<State, Values, Measured>,
  { now, peakMemoryBytes }: Pick<TrainHooks<State>, "now" | "peakMemoryBytes">,
): (started: StartedStep) => Promise<RecordFacts & Values> {
  let last = -Infinity;
  const valuesOf = (metrics: unknown, step: number, seconds: number): Values =>
    task.read
      ? task.read(metrics, { step, seconds })
      : // A task without `read` says that its values are plain numbers.
        (readNumbers(task, metrics, { step, seconds }) satisfies Numbers as unknown as Values);
  return async ({ step, began, metrics }) => {
    const onHost = await metrics;
    const told = now();
    // A step that was started while another was computed has waited for that one.
    const seconds = Math.max(1e-9, (told - Math.max(began, last)) / 1000);
    last = told;
    return {
      step,
      ...valuesOf(onHost, step, seconds),
      ...(peakMemoryBytes && { peakMemoryBytes: peakMemoryBytes() }),
    };
  };
}
