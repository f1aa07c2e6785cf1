import { finish, train, type Task } from "../../src/training/index.ts";
import { formatMetrics } from "../../src/training/task/metric.ts";
import type { Numbers } from "./experiment.ts";
import { processorClock } from "./processor-time.ts";

export interface TrainedTask<State> {
  readonly state: State;
  /** Under `NAME STEP`, what was measured on the way; how many steps, and seconds of processor time. */
  readonly numbers: Numbers;
}

/** How a task is trained: `watched` is the number of its measurements that makes the curve. */
export interface TrainingPlan {
  readonly steps: number;
  readonly lookEvery: number;
  readonly watched: string;
}

/** Trains a task to its last step, and tells how it went. */
export async function trainTask<State, Values extends object, Measured extends object>(
  task: Task<State, Values, Measured>,
  { steps, lookEvery, watched }: TrainingPlan,
  log: (line: string) => void,
): Promise<TrainedTask<State>> {
  const used = processorClock();
  const curve: Record<string, number> = {};
  const { state } = await finish(
    train({ task, steps, validateEvery: lookEvery }),
    ({ step, validation }) => {
      if (!validation) return;
      const measured = validation.validation as Readonly<Record<string, number>>;
      curve[`${watched} ${step}`] = measured[watched];
      log(`step ${step}: ${formatMetrics(task.measured ?? [], measured)}`);
    },
  );
  return { state, numbers: { ...curve, steps, processorSeconds: used() } };
}

/** The curve of a cell's numbers, by steps. */
export const curveOf = (
  numbers: Numbers,
  watched: string,
): readonly (readonly [step: number, value: number])[] =>
  Object.entries(numbers).flatMap(([name, value]) => {
    const step = name.startsWith(`${watched} `) ? Number(name.slice(watched.length + 1)) : NaN;
    return Number.isFinite(step) && value !== null ? [[step, value] as const] : [];
  });
